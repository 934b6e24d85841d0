/** From a message to its entry. */
import type { Stamps } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { dropped, type Outcome } from '../../flow/outcome.ts'
import type { Instant } from '../../go/rfc3339.ts'
import type { TopicPartition } from '../../net/kafka/places.ts'
import type { KafkaRecord } from '../../net/kafka/record-batch.ts'
import { HeaderReader } from '../loki.sink.kafka/message-format.ts'
import type { MessageLabels } from './message-labels.ts'

/** The entries of a message, or how it ends without one. */
export type EntriesOf = (record: KafkaRecord) => readonly Entry[] | Outcome

/** Makes the function for the messages of one partition. */
export type EntryMaker = (place: TopicPartition, memberId: string) => EntriesOf

const BY_RULE = dropped('relabel_rule')
const NO_LABELS = dropped('relabel_no_labels')

export interface EntryOptions {
  readonly labels: MessageLabels
  readonly useIncomingTimestamp: boolean
  readonly stamps: Stamps
}

/**
 * One entry a message. What `loki.sink.kafka` wrote keeps its labels, its time and its structured metadata, whatever
 * `use_incoming_timestamp` says; other labels are added to it.
 */
export function messageEntries({ labels, useIncomingTimestamp, stamps }: EntryOptions): EntryMaker {
  const headers = new HeaderReader()
  return (place, memberId) => {
    const base = labels.ofPartition(place, memberId)
    if (base === undefined) return () => BY_RULE
    return (record) => {
      const line = textOf(record)
      const own = labels.ofMessage(base, record)
      const carried = headers.read(record.headers)
      if (carried !== undefined) {
        const { seconds, nanos } = carried.time
        const entry = new Entry(seconds, nanos, line, joined(own, carried.labels))
        entry.structuredMetadata = carried.metadata
        return [entry]
      }
      if (own.size === 0) return NO_LABELS
      return [entryAt(stamps, useIncomingTimestamp ? timeOf(record) : undefined, line, own)]
    }
  }
}

/** An entry of that time, or of the present. */
export function entryAt(stamps: Stamps, time: Instant | undefined, line: string, labels: LabelSet): Entry {
  if (time !== undefined) return new Entry(time.seconds, time.nanos, line, labels)
  stamps.refresh()
  return Entry.now(stamps, line, labels)
}

/** A message without a value (a tombstone) is an empty line, as in Alloy. */
export function textOf({ value }: KafkaRecord): string {
  return value === undefined ? '' : value.toString('utf8')
}

export function timeOf({ timestamp }: KafkaRecord): Instant {
  const seconds = Math.floor(timestamp / 1000)
  return { seconds, nanos: (timestamp - seconds * 1000) * 1_000_000 }
}

function joined(base: LabelSet, over: LabelSet): LabelSet {
  if (base.size === 0) return over
  let set = base
  for (let i = 0; i < over.size; i++) set = set.with(over.names[i]!, over.values[i]!)
  return set
}
