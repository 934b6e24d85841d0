/** Lines that the parsing stages of a config get nothing out of, and where. */
import type { StageSpec } from '../component/fields.ts'
import type { Entry } from '../flow/entry.ts'
import type { StageWatcher } from '../flow/stage-tap.ts'
import { placeText } from '../explain/explain.ts'
import { stageDefinitions } from '../registry.ts'
import { lineOf } from './sample.ts'

/** A stage that couldn't parse some of its entries, for one reason. */
export interface Misfit {
  /** `stage.regex`, and where it is written: `config.alloy:12`. */
  readonly stage: string
  readonly place: string
  readonly reason: string
  entries: number
  /** How many entries the stage was asked about. */
  readonly of: number
  /** The first of them: its number in the sample, and its line as the stage met it. */
  readonly line: number
  readonly example: string
}

type Misfits = (entry: Entry) => true | string | undefined

/** A parsing stage at its place in a `loki.process`. */
interface Watched {
  readonly stage: string
  readonly place: string
  readonly misfit: Misfits
  asked: number
  readonly found: Map<string, { entries: number; readonly line: number; readonly example: string }>
}

/** How long an example may get. */
const LONGEST = 1000

export class MisfitWatch {
  readonly #watched: Watched[] = []
  /** Lines that met a parsing stage, and those that one of them could read. */
  readonly #met = new Set<number>()
  readonly #read = new Set<number>()

  /** Lines that some parsing stage looked at. */
  get met(): number {
    return this.#met.size
  }

  /** Those that none of them got anything out of. */
  get unread(): number {
    return this.#met.size - this.#read.size
  }

  /** Watches the stages of one `loki.process`. */
  watcher(specs: readonly StageSpec[]): StageWatcher {
    const byPath = new Map<string, Watched>()
    this.#add(specs, '', byPath)
    return {
      enter: (path, entries) => {
        const watched = byPath.get(path)
        if (watched !== undefined) for (const entry of entries) this.#ask(watched, entry)
        return () => undefined
      },
    }
  }

  misfits(): Misfit[] {
    return this.#watched.flatMap(({ stage, place, asked, found }) =>
      [...found].map(([reason, each]) => ({ stage, place, reason, of: asked, ...each })),
    )
  }

  #add(specs: readonly StageSpec[], within: string, byPath: Map<string, Watched>): void {
    specs.forEach((spec, i) => {
      const path = `${within}${i + 1}.${spec.name}`
      const insight = stageDefinitions.get(spec.name)?.explain
      const misfit = insight?.misfit?.(spec.options)
      if (misfit !== undefined) {
        const watched = {
          stage: `stage.${spec.name}`,
          place: placeText(spec) ?? '',
          misfit,
          asked: 0,
          found: new Map<string, { entries: number; line: number; example: string }>(),
        }
        byPath.set(path, watched)
        this.#watched.push(watched)
      }
      this.#add(insight?.selection?.(spec.options).stages ?? [], `${path}/`, byPath)
    })
  }

  #ask(watched: Watched, entry: Entry): void {
    const reason = watched.misfit(entry)
    if (reason === undefined) return
    const line = lineOf(entry)
    watched.asked++
    this.#met.add(line)
    if (reason === true) return void this.#read.add(line)
    const known = watched.found.get(reason)
    if (known === undefined)
      watched.found.set(reason, { entries: 1, line, example: entry.line.slice(0, LONGEST) })
    else known.entries++
  }
}
