/**
 * From an event to its entries, as Alloy does (azure_event_hubs/internal/parser/parser.go): resource logs of Azure
 * Monitor come many in an event, `{"records": [ … ]}`, and each is an entry; anything else is one entry as it is.
 */
import type { Stamps } from '../../flow/clock.ts'
import type { Entry } from '../../flow/entry.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { dropped } from '../../flow/outcome.ts'
import { splitJsonArray, splitJsonObject } from '../../formats/json-split.ts'
import { parseRfc3339, type Instant } from '../../go/rfc3339.ts'
import { entryAt, textOf, timeOf, type EntryMaker } from '../loki.source.kafka/message-entries.ts'
import type { MessageLabels } from '../loki.source.kafka/message-labels.ts'

export interface EventOptions {
  readonly labels: MessageLabels
  readonly useIncomingTimestamp: boolean
  readonly disallowCustomMessages: boolean
  readonly stamps: Stamps
}

/** What of a resource log is read (learn.microsoft.com/azure/azure-monitor/platform/resource-logs-schema). */
interface ResourceLog {
  readonly category: string
  /** Of `time`, else of `timeStamp`; `undefined` where it isn't a time. */
  readonly time: Instant | undefined
}

const CATEGORY = '__azure_event_hubs_category'
const BY_RULE = dropped('relabel_rule')
const CUSTOM = dropped('custom_message')
const NO_LABELS = dropped('relabel_no_labels')

export function eventEntries(options: EventOptions): EntryMaker {
  const { labels, useIncomingTimestamp, disallowCustomMessages, stamps } = options
  return (place, memberId) => {
    const base = labels.ofPartition(place, memberId)
    if (base === undefined) return () => BY_RULE
    return (event) => {
      const text = textOf(event)
      const own = labels.ofMessage(base, event)
      const sent = useIncomingTimestamp ? timeOf(event) : undefined
      const records = recordsIn(text)
      const logs = records?.map(resourceLogIn)
      // One that isn't a resource log condemns them all, as in Alloy.
      if (disallowCustomMessages && logs?.includes(undefined) !== false) return CUSTOM
      const entries = (records ?? [text]).map((line, i): Entry => {
        const log = logs?.[i]
        const time = useIncomingTimestamp ? (log?.time ?? sent) : undefined
        return entryAt(stamps, time, line, log === undefined ? own : withCategory(labels, own, log))
      })
      return entries.some((entry) => entry.labels.size === 0) ? NO_LABELS : entries
    }
  }
}

function withCategory(labels: MessageLabels, own: LabelSet, { category }: ResourceLog): LabelSet {
  return labels.with(own, new Map([[CATEGORY, category]]))
}

/** The texts of the records; `undefined` for an event that has none. */
function recordsIn(text: string): readonly string[] | undefined {
  // Azure Functions write some with single quotes.
  const members = splitJsonObject(text) ?? splitJsonObject(text.replaceAll("'", '"'))
  const records = splitJsonArray(members?.get('records') ?? '')
  return records === undefined || records.length === 0 ? undefined : records
}

/** `undefined` for a record that lacks a field which the schema demands. */
function resourceLogIn(record: string): ResourceLog | undefined {
  const members = splitJsonObject(record)
  if (members === undefined) return undefined
  const field = (name: string): string => stringIn(members.get(name))
  const [time, category] = [field('time') || field('timeStamp'), field('category')]
  const isComplete = [time, category, field('resourceId'), field('operationName')].every(
    (value) => value !== '',
  )
  return isComplete ? { category, time: parseRfc3339(time) } : undefined
}

function stringIn(json: string | undefined): string {
  return json?.startsWith('"') === true ? (JSON.parse(json) as string) : ''
}
