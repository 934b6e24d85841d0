/** Queries that were run, in this browser; and the examples. */
import { signal } from '@preact/signals'

const KEY = 'logstream.queries'
const MOST = 50

export const past = signal<readonly string[]>(read())

export function remember(query: string): void {
  if (query.trim() === '' || past.value[0] === query) return
  past.value = [query, ...past.value.filter((each) => each !== query)].slice(0, MOST)
  try {
    localStorage.setItem(KEY, JSON.stringify(past.value))
  } catch {
    // Without storage the history lasts as long as the page.
  }
}

function read(): string[] {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : []
  } catch {
    return []
  }
}

/** The queries of the transactions pipeline's documentation, which the demo has lines for. */
export const EXAMPLES: readonly { readonly name: string; readonly query: string }[] = [
  { name: 'All transactions', query: '{job="template-job"}' },
  { name: 'Failed ones', query: '{job="template-job", status="FAILED"}' },
  { name: 'One method', query: '{job="template-job", method="CashIn"}' },
  { name: 'Another method', query: '{job="template-job", method="STP-OUT"}' },
  { name: 'Lines that could not be parsed', query: '{job="template-job", parse_status="failed"}' },
  {
    name: 'Parsed and not parsed, over time',
    query: 'sum by (parse_status) (count_over_time({job="template-job"}[5m]))',
  },
  {
    name: 'Share that could be parsed',
    query:
      'sum(count_over_time({job="template-job", parse_status="success"}[5m])) / sum(count_over_time({job="template-job"}[5m]))',
  },
  { name: 'Transactions a second', query: 'rate({job="template-job"}[1m])' },
  { name: 'Failed ones a second', query: 'rate({job="template-job", status="FAILED"}[5m])' },
]
