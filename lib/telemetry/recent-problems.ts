/** The last warnings and errors of each component, for its page. What repeats is one problem with a count. */
import type { LogFields, LogLevel } from './log.ts'

export interface Problem {
  /** Milliseconds of Unix time; of the last one where it repeats. */
  readonly at: number
  readonly level: LogLevel
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
  readonly times: number
}

const PER_COMPONENT = 20
/** Components that are remembered; of more, those that have been quiet the longest are forgotten. */
const COMPONENTS = 500
const LONGEST = 1000

export class RecentProblems {
  readonly #byComponent = new Map<string, Problem[]>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Takes a line of the log; `component` is the full id of the one that said it. */
  add(component: string, level: LogLevel, message: string, fields: LogFields): void {
    const known = this.#byComponent.get(component) ?? []
    // The newest comes last.
    this.#byComponent.delete(component)
    this.#byComponent.set(component, known)
    const problem: Problem = { at: this.#now(), level, message, fields: shown(fields), times: 1 }
    const same = known.findIndex((each) => isSame(each, problem))
    const [before] = same < 0 ? [] : known.splice(same, 1)
    known.push({ ...problem, times: (before?.times ?? 0) + 1 })
    if (known.length > PER_COMPONENT) known.shift()
    if (this.#byComponent.size > COMPONENTS)
      for (const [quietest] of this.#byComponent) {
        this.#byComponent.delete(quietest)
        break
      }
  }

  /** From the newest to the oldest. */
  of(component: string): readonly Problem[] {
    return (this.#byComponent.get(component) ?? []).toReversed()
  }
}

function isSame(a: Problem, b: Problem): boolean {
  return a.level === b.level && a.message === b.message && a.fields['reason'] === b.fields['reason']
}

function shown(fields: LogFields): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([name, value]) => value !== undefined && !/^component(?:_id|_path)?$/.test(name))
      .map(([name, value]) => [name, String(value).slice(0, LONGEST)]),
  )
}
