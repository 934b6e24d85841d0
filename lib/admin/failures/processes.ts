/** The running `loki.process` components, and which of them an entry came through. */
import type { StageSpec } from '../../component/fields.ts'
import type { ComponentDetails } from '../../run/supervise/component-info.ts'
import { hasInput } from '../tap/points.ts'

export interface Process {
  readonly id: string
  readonly specs: readonly StageSpec[]
}

/** Labels that a source sets, before any stage. */
type Known = readonly (readonly [name: string, value: string])[]

export class Processes {
  readonly #details: ReadonlyMap<string, ComponentDetails>
  readonly #starts: readonly { readonly process: string; readonly known: Known }[]
  readonly #guessed = new Map<string, string | undefined>()

  constructor(details: readonly ComponentDetails[]) {
    this.#details = new Map(details.map((each) => [each.fullId, each]))
    this.#starts = details
      .filter((each) => !hasInput(each))
      .flatMap((source) => {
        const process = this.#processAfter(source, new Set())
        return process === undefined ? [] : labelsOf(source.options).map((known) => ({ process, known }))
      })
  }

  /** Returns a `loki.process` and those after it along `forward_to`; empty if `id` isn't one. */
  chain(id: string | undefined): readonly Process[] {
    const chain: Process[] = []
    let at = id === undefined ? undefined : this.#details.get(id)
    while (at !== undefined && isProcess(at) && !chain.some((each) => each.id === at!.fullId)) {
      // Decoded with the fields of loki.process.
      chain.push({ id: at.fullId, specs: at.options['stage'] as readonly StageSpec[] })
      const next = this.#processAfter(at, new Set([at.fullId]))
      at = next === undefined ? undefined : this.#details.get(next)
    }
    return chain
  }

  /** Returns the `loki.process` after the source whose labels fit best; the first one if none fit. */
  of(labels: Readonly<Record<string, string>>): string | undefined {
    const key = JSON.stringify(labels)
    if (!this.#guessed.has(key)) this.#guessed.set(key, this.#guess(labels))
    return this.#guessed.get(key)
  }

  #guess(labels: Readonly<Record<string, string>>): string | undefined {
    let best = -1
    let found: string | undefined
    for (const { process, known } of this.#starts) {
      const fits = known.every(([name, value]) => Object.hasOwn(labels, name) && labels[name] === value)
      if (!fits || known.length <= best) continue
      best = known.length
      found = process
    }
    return found ?? this.#starts[0]?.process ?? [...this.#details.values()].find(isProcess)?.fullId
  }

  #processAfter({ forwardTo }: ComponentDetails, seen: Set<string>): string | undefined {
    for (const id of forwardTo) {
      const next = this.#details.get(id)
      if (next === undefined || seen.has(id)) continue
      seen.add(id)
      const found = isProcess(next) ? id : this.#processAfter(next, seen)
      if (found !== undefined) return found
    }
    return undefined
  }
}

function isProcess({ definition }: ComponentDetails): boolean {
  return definition.name === 'loki.process'
}

// One label set per target of the source, each with the source's own labels.
function labelsOf(options: Readonly<Record<string, unknown>>): Known[] {
  const { targets, labels } = options as {
    readonly targets?: readonly ReadonlyMap<string, string>[]
    readonly labels?: ReadonlyMap<string, string>
  }
  const own = labels instanceof Map ? [...(labels as ReadonlyMap<string, string>)] : []
  const sets = Array.isArray(targets) && targets.length > 0 ? targets : [new Map<string, string>()]
  return sets.map((target) => [...target, ...own].filter(([name]) => !name.startsWith('__')))
}
