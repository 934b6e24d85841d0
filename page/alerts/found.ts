/** The rules of a source and how they are, asked every few seconds while the page can be seen. */
import { batch, effect, signal, untracked } from '@preact/signals'
import type { GroupAnswer, RuleAnswer, RulesAnswer } from '../../lib/rules/api/answers.ts'
import { source } from '../explore/asked.ts'
import { askJson, messageOf } from '../server.ts'

const EVERY_MS = 5000

/** A rule with where it belongs. */
export interface FoundRule {
  readonly key: string
  readonly group: GroupAnswer
  readonly rule: RuleAnswer
}

/** `undefined` before the first answer. */
export const rules = signal<readonly FoundRule[] | undefined>(undefined)

/** Why there is no newer answer; '' when all is well. */
export const failure = signal('')

/** Asks until the returned function is called. */
export function keepAsking(): () => void {
  let running = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const ask = async (path: string, stopped: AbortSignal): Promise<void> => {
    if (!document.hidden) await askOnce(path, stopped)
    if (!stopped.aborted) timer = setTimeout(() => void ask(path, stopped), EVERY_MS)
  }
  const stop = effect(() => {
    const path = source.value?.path
    untracked(() => {
      running.abort()
      clearTimeout(timer)
      running = new AbortController()
      if (path !== undefined) void ask(path, running.signal)
    })
  })
  return () => {
    stop()
    running.abort()
    clearTimeout(timer)
  }
}

async function askOnce(path: string, signal: AbortSignal): Promise<void> {
  try {
    const { data } = await askJson<RulesAnswer>(`${path}prometheus/api/v1/rules`, { signal })
    batch(() => {
      rules.value = data.groups.flatMap(rulesOf).sort((a, b) => rank(a) - rank(b))
      failure.value = ''
    })
  } catch (error) {
    if (!signal.aborted) failure.value = messageOf(error)
  }
}

function rulesOf(group: GroupAnswer): FoundRule[] {
  return group.rules.map((rule, i) => ({ key: `${group.file} ${group.name} ${i}`, group, rule }))
}

// What needs a look comes first; the rest stays in the order of the files.
function rank({ rule }: FoundRule): number {
  const state = rule.type === 'alerting' ? rule.state : 'inactive'
  if (state === 'firing') return 0
  if (rule.health === 'err') return 1
  return state === 'pending' ? 2 : 3
}
