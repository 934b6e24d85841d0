/** What one sink of a config would send: entries, bytes, streams and the values of their labels. */
import type { Entry } from '../flow/entry.ts'
import { labelSet, type LabelSet } from '../flow/labels.ts'
import { faultIn, TENANT_LABEL, withExternal } from '../loki/batch.ts'
import { lineBytes, metadataBytes } from '../loki/encode.ts'
import type { Limits } from '../store/limits.ts'
import { growthOf, type Growth } from './growth.ts'
import { Refusals, type CheckedStream } from './refusals.ts'
import { lineOf } from './sample.ts'

/** The values of one label. */
export interface LabelFigures extends Growth {
  readonly name: string
  /** The most frequent values. */
  readonly top: readonly { readonly value: string; readonly entries: number }[]
}

/** What a sink is, as far as a check cares. */
export interface SinkSettings {
  readonly externalLabels: LabelSet
  /** Of entries without a label `__tenant_id__`. */
  readonly tenant: string
  /** `undefined`: there are none. */
  readonly limits: Limits | undefined
}

interface Stream {
  readonly checked: CheckedStream
  readonly values: readonly LabelValues[]
  entries: number
}

interface LabelValues {
  readonly name: string
  /** Entries with the label so far. */
  entries: number
  /** Value to the number, among those, of the entry that brought it. */
  readonly firstSeen: Map<string, number>
}

/** Streams that are told apart: a sample with more has made its point, and would fill the memory. */
const MOST_STREAMS = 200_000

const TOP = 4

export class Streams {
  entries = 0
  /** Of lines and structured metadata, as Loki counts them. */
  bytes = 0
  readonly refusals: Refusals
  readonly #settings: SinkSettings
  /** By labels as they come in, and by tenant and labels as they are sent. */
  readonly #byKey = new Map<string, Stream>()
  readonly #bySent = new Map<string, Stream>()
  readonly #labels = new Map<string, LabelValues>()
  /** For each stream the number of the entry that brought it. */
  readonly #firstSeen: number[] = []

  /** `began`: when the check began, in milliseconds. */
  constructor(settings: SinkSettings, began: number) {
    this.#settings = settings
    this.refusals = new Refusals(settings.limits, began)
  }

  add(entry: Entry): void {
    const bytes = lineBytes(entry) + metadataBytes(entry.structuredMetadata)
    this.entries++
    this.bytes += bytes
    const stream = this.#byKey.get(entry.labels.key) ?? this.#open(entry.labels)
    if (stream === undefined) return
    stream.entries++
    for (const values of stream.values) values.entries++
    this.refusals.add(stream.checked, entry, bytes, lineOf(entry))
  }

  /** The most streams that may be active; 0: any number. */
  get maxStreams(): number {
    return this.#settings.limits?.maxStreams ?? 0
  }

  streams(): Growth {
    return growthOf(this.#firstSeen, this.entries)
  }

  /** Those with the most values first. */
  labels(): LabelFigures[] {
    return [...this.#labels.values()]
      .map(({ name, entries, firstSeen }) => ({
        name,
        ...growthOf([...firstSeen.values()], entries),
        top: this.#top(name),
      }))
      .sort((a, b) => b.distinct - a.distinct || (a.name < b.name ? -1 : 1))
  }

  #top(name: string): LabelFigures['top'] {
    const counts = new Map<string, number>()
    for (const { checked, entries } of this.#bySent.values()) {
      const value = checked.labels.get(name)
      if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + entries)
    }
    return [...counts]
      .sort(([, a], [, b]) => b - a)
      .slice(0, TOP)
      .map(([value, entries]) => ({ value, entries }))
  }

  #open(labels: LabelSet): Stream | undefined {
    if (this.#byKey.size >= MOST_STREAMS) return undefined
    const { externalLabels, tenant: own } = this.#settings
    const all = withExternal(labels, externalLabels)
    const tenant = all.get(TENANT_LABEL) ?? own
    const sent = labelSet(new Map(all.entries().filter(([name]) => !name.startsWith('__'))))
    const key = JSON.stringify([tenant, sent.key])
    let stream = this.#bySent.get(key)
    if (stream === undefined) {
      stream = {
        checked: this.refusals.stream(sent, tenant, faultIn(sent, tenant)),
        values: sent.entries().map(([name, value]) => this.#value(name, value)),
        entries: 0,
      }
      this.#bySent.set(key, stream)
      this.#firstSeen.push(this.entries)
    }
    this.#byKey.set(labels.key, stream)
    return stream
  }

  #value(name: string, value: string): LabelValues {
    let values = this.#labels.get(name)
    if (values === undefined)
      this.#labels.set(name, (values = { name, entries: 0, firstSeen: new Map<string, number>() }))
    if (!values.firstSeen.has(value)) values.firstSeen.set(value, values.entries + 1)
    return values
  }
}
