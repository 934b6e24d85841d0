/** What becomes of a record of the journal: its line, its labels, or why it makes no entry. */
import { marshalSorted } from '../../go/json/writer.ts'
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import type { Relabel } from '../../formats/relabel.ts'
import type { JournalRecord } from './record.ts'

/** Alloy's names, in `loki_source_journal_target_parsing_errors_total`. */
export type NoEntry = 'no_message' | 'empty_labels'

export interface EntryMakerOptions {
  readonly asJson: boolean
  readonly labels: ReadonlyMap<string, string>
  readonly relabel: Relabel | undefined
}

export type MadeEntry = { readonly line: string; readonly labels: LabelSet } | NoEntry

/** Syslog's severities by number (RFC 5424, table 2), as Alloy abbreviates them. */
const PRIORITIES = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug']

export function entryMaker({
  asJson,
  labels: own,
  relabel,
}: EntryMakerOptions): (record: JournalRecord) => MadeEntry {
  return ({ fields }) => {
    const line = asJson ? (marshalSorted(Object.fromEntries(fields)) ?? '') : (fields.get('MESSAGE') ?? '')
    if (line === '') return 'no_message'
    const labels = new Map(own)
    for (const [name, value] of fields) {
      if (name === 'PRIORITY')
        labels.set('__journal_priority_keyword', /^[0-7]$/.test(value) ? PRIORITIES[Number(value)]! : value)
      labels.set(`__journal_${name.toLowerCase()}`, value)
    }
    if (relabel !== undefined && relabel(labels) === 'drop') return 'empty_labels'
    const kept = [...labels].filter(([name, value]) => !name.startsWith('__') && value !== '')
    return kept.length === 0 ? 'empty_labels' : { line, labels: labelSet(kept) }
  }
}
