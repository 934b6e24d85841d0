/** What of a push becomes entries: fixed labels, relabelling, the tenant, and which time counts. */
import { Stamps, type Clock } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import { LabelSet, labelSet } from '../../flow/labels.ts'
import { dropped, type Outcome } from '../../flow/outcome.ts'
import type { PushEntries } from '../../intake/push-intake.ts'
import { compileRules, type Relabel } from '../../formats/relabel.ts'
import { TENANT_LABEL } from '../../loki/batch.ts'
import type { PushedEntry, PushedStream } from '../../loki/pushed.ts'
import type { ApiOptions } from './fields.ts'

const BY_RULE = dropped('relabel_rule')
const NO_LABELS = dropped('relabel_no_labels')

type LabelOptions = Pick<ApiOptions, 'labels' | 'relabel_rules' | 'use_incoming_timestamp'>

export class EntryMaker {
  readonly #stamps: Stamps
  readonly #fixed: ReadonlyMap<string, string>
  readonly #relabel: Relabel | undefined
  readonly #ownTimes: boolean

  constructor(options: LabelOptions, clock: Clock) {
    this.#stamps = new Stamps(clock)
    this.#fixed = options.labels ?? new Map<string, string>()
    this.#relabel = options.relabel_rules === undefined ? undefined : compileRules(options.relabel_rules)
    this.#ownTimes = options.use_incoming_timestamp
  }

  /** The entries of a push; `tenant` is '' where the client named none. */
  ofStreams(streams: readonly PushedStream[], tenant: string): PushEntries {
    const entries: Entry[] = []
    const ended: Outcome[] = []
    this.#stamps.refresh()
    for (const stream of streams) {
      const labels = this.#labels(stream.labels, tenant)
      for (const pushed of stream.entries)
        if (labels instanceof LabelSet) entries.push(this.#entry(pushed, labels))
        else ended.push(labels)
    }
    return { entries, ended }
  }

  /** An entry for each line that isn't empty. As in Alloy, rules and tenant play no part. */
  ofLines(text: string): PushEntries {
    const labels = labelSet(this.#fixed)
    const entries: Entry[] = []
    this.#stamps.refresh()
    for (const line of text.split('\n')) {
      const trimmed = line.replace(/\r+$/, '')
      if (trimmed !== '') entries.push(this.#stamped(trimmed, labels))
    }
    return { entries, ended: [] }
  }

  #labels(pushed: LabelSet, tenant: string): LabelSet | Outcome {
    const labels = new Map([...pushed.entries(), ...this.#fixed])
    if (this.#relabel?.(labels) === 'drop') return BY_RULE
    const kept = [...labels].filter(([, value]) => value !== '')
    if (kept.length === 0) return NO_LABELS
    const visible = kept.filter(([name]) => !name.startsWith('__'))
    return labelSet(tenant === '' ? visible : [...visible, [TENANT_LABEL, tenant]])
  }

  #entry({ seconds, nanos, line, structuredMetadata }: PushedEntry, labels: LabelSet): Entry {
    // A protobuf timestamp may say any number of nanoseconds.
    const entry = this.#ownTimes
      ? new Entry(seconds + Math.floor(nanos / 1e9), ((nanos % 1e9) + 1e9) % 1e9, line, labels)
      : this.#stamped(line, labels)
    entry.structuredMetadata = structuredMetadata
    return entry
  }

  #stamped(line: string, labels: LabelSet): Entry {
    this.#stamps.next()
    return new Entry(this.#stamps.seconds, this.#stamps.nanos, line, labels)
  }
}
