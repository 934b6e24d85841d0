/** The labels of messages: fixed ones, what the rules make of a partition's and a message's, and what the sink wrote. */
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { compileRules, type Relabel, type RelabelRule } from '../../formats/relabel.ts'
import type { TopicPartition } from '../../net/kafka/places.ts'
import type { KafkaRecord } from '../../net/kafka/record-batch.ts'

export interface LabelOptions {
  readonly labels: ReadonlyMap<string, string>
  readonly rules: readonly RelabelRule[] | undefined
  readonly group: string
}

const META = '__meta_kafka_'
/** An extension: Alloy doesn't show headers. */
const HEADER = `${META}header_`
const NO_KEY = 'none'
/** Of more, rules see the first ones. */
const MOST_HEADERS = 32

export class MessageLabels {
  readonly #options: LabelOptions
  readonly #relabel: Relabel | undefined

  constructor(options: LabelOptions) {
    this.#options = options
    this.#relabel = options.rules === undefined ? undefined : compileRules(options.rules)
  }

  /** The labels of a partition; `undefined`: a rule drops it. */
  ofPartition({ topic, partition }: TopicPartition, memberId: string): LabelSet | undefined {
    const labels = new Map([
      [`${META}topic`, topic],
      [`${META}partition`, String(partition)],
      [`${META}member_id`, memberId],
      [`${META}group_id`, this.#options.group],
      ...this.#options.labels,
    ])
    if (this.#relabel?.(labels) === 'drop') return undefined
    return visible(labels)
  }

  /** Adds what the rules make of a message. As in Alloy, one that drops here only adds nothing. */
  ofMessage(base: LabelSet, { key, offset, headers }: KafkaRecord): LabelSet {
    if (this.#relabel === undefined) return base
    const labels = new Map([
      [`${META}message_key`, key === undefined || key.length === 0 ? NO_KEY : key.toString('utf8')],
      [`${META}message_offset`, String(offset)],
    ])
    for (const [name, value] of headers.slice(0, MOST_HEADERS))
      labels.set(`${HEADER}${name.replace(/\W/g, '_')}`, value.toString('utf8'))
    return this.with(base, labels)
  }

  /** `base` with what the rules make of `labels`. */
  with(base: LabelSet, labels: Map<string, string>): LabelSet {
    if (this.#relabel?.(labels) === 'drop') return base
    let set = base
    for (const [name, value] of labels) if (isVisible(name, value)) set = set.with(name, value)
    return set
  }
}

function isVisible(name: string, value: string): boolean {
  return !name.startsWith('__') && value !== ''
}

function visible(labels: ReadonlyMap<string, string>): LabelSet {
  return labelSet([...labels].filter(([name, value]) => isVisible(name, value)))
}
