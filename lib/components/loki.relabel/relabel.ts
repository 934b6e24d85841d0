/** `loki.relabel`: rules of Prometheus over the labels of entries, worked out once per label set. */
import type { Value } from '../../alloy/value.ts'
import {
  defineComponent,
  RECEIVER,
  type Context,
  type Receiver,
  type Stage,
} from '../../component/component.ts'
import type { Entry } from '../../flow/entry.ts'
import { LogstreamError } from '../../errors.ts'
import { capsule, integer, list, optional, required, type OptionsOf } from '../../component/fields.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { Lru } from '../../lru.ts'
import { dropped, type Outcome } from '../../flow/outcome.ts'
import { exportedRules, relabelRuleBlocks } from '../../component/options/relabel.ts'
import { oneStage } from '../../component/stage-stream.ts'
import type { Counter } from '../../telemetry/metrics.ts'
import { compileRules, type Relabel } from '../../formats/relabel.ts'

const BY_RULE = dropped('relabel_rule')
const NO_LABELS = dropped('relabel_no_labels')

const fields = {
  forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the entries that are kept.'),
  rule: relabelRuleBlocks,
  max_cache_size: optional(integer, 10_000, 'How many label sets have their result remembered.'),
}

type RelabelArguments = OptionsOf<typeof fields>

/** Entries that a rule drops, or that have no labels afterwards, end here; both reasons are in the ledger. */
export const lokiRelabel = defineComponent({
  name: 'loki.relabel',
  summary: 'Changes the labels of log entries by rules, or drops entries by them.',
  fields,
  stability: 'generally-available',
  exports: {
    receiver: 'Takes entries to be relabelled.',
    rules: 'capsule("relabel.Rules"): the rules, for relabel_rules of other components',
  },
  create: (options, ctx) => {
    const stage = new RelabelStage(options, ctx)
    const stream = oneStage('loki.relabel', stage, ctx)
    return {
      input: stream,
      output: stream,
      exports: exportsOf(options),
      update: (changed) => {
        stage.update(changed)
        ctx.export(exportsOf(changed))
        return true
      },
      status: () => ({ cached: stage.cached }),
    }
  },
})

function exportsOf(options: RelabelArguments): ReadonlyMap<string, Value> {
  return new Map([['rules', exportedRules(options.rule)]])
}

class RelabelStage implements Stage {
  readonly #processed: Counter
  readonly #written: Counter
  readonly #hits: Counter
  readonly #misses: Counter
  #rules: Relabel
  #results: Lru<string, LabelSet | Outcome>
  // Entries of one stream come in runs.
  #lastLabels: LabelSet | undefined
  #lastResult: LabelSet | Outcome = NO_LABELS

  constructor(options: RelabelArguments, { metrics }: Context) {
    this.#rules = compileRules(options.rule)
    this.#results = resultsFor(options)
    this.#processed = metrics.counter(
      'loki_relabel_entries_processed',
      'Total number of log entries processed',
    )
    this.#written = metrics.counter('loki_relabel_entries_written', 'Total number of log entries forwarded')
    this.#hits = metrics.counter('loki_relabel_cache_hits', 'Total number of cache hits')
    this.#misses = metrics.counter('loki_relabel_cache_misses', 'Total number of cache misses')
    metrics.gauge('loki_relabel_cache_size', 'Total size of relabel cache', () => this.cached)
  }

  get cached(): number {
    return this.#results.size
  }

  update(options: RelabelArguments): void {
    this.#rules = compileRules(options.rule)
    this.#results = resultsFor(options)
    this.#lastLabels = undefined
  }

  run(entries: Entry[]): Entry[] {
    this.#processed.value += entries.length
    let kept = 0
    for (let i = 0; i < entries.length; i++) {
      const entry = entries[i]!
      const result = this.#resultOf(entry.labels)
      if ('state' in result) entry.ack.settle(result)
      else {
        entry.labels = result
        entries[kept++] = entry
      }
    }
    entries.length = kept
    this.#written.value += kept
    return entries
  }

  #resultOf(labels: LabelSet): LabelSet | Outcome {
    if (labels === this.#lastLabels) {
      this.#hits.value++
      return this.#lastResult
    }
    let result = this.#results.get(labels.key)
    if (result === undefined) {
      this.#misses.value++
      result = this.#relabel(labels)
      this.#results.set(labels.key, result)
    } else this.#hits.value++
    this.#lastLabels = labels
    this.#lastResult = result
    return result
  }

  #relabel(labels: LabelSet): LabelSet | Outcome {
    const changed = new Map(labels.entries())
    if (this.#rules(changed) === 'drop') return BY_RULE
    for (const [name, value] of changed) if (value === '') changed.delete(name)
    return changed.size === 0 ? NO_LABELS : labelSet(changed)
  }
}

function resultsFor({ max_cache_size: size }: RelabelArguments): Lru<string, LabelSet | Outcome> {
  if (size > 0) return new Lru(size)
  throw new LogstreamError('BAD_ARGUMENT', `max_cache_size must be above 0, found ${size}`, {
    option: 'max_cache_size',
  })
}
