/** `logstream query labels`, `series` and `stats`: what there is to ask for. */
import { LogstreamError } from '../errors.ts'
import { formatLabels } from '../formats/label-text.ts'
import { plural } from '../formats/plural.ts'
import type { TimeRange } from '../logql/api/params.ts'
import { askText, type QueryServer } from './query-client.ts'
import { visible } from './query-text.ts'

export const TOPICS = ['labels', 'series', 'stats'] as const
export type Topic = (typeof TOPICS)[number]

interface Stats {
  readonly streams: number
  readonly chunks: number
  readonly entries: number
  readonly bytes: number
}

/** The answer as text. Throws BAD_USAGE for words that don't fit, rejects with IO. */
export async function askAbout(
  topic: Topic,
  words: readonly string[],
  { start, end }: TimeRange,
  json: boolean,
  server: QueryServer,
): Promise<string> {
  const [word, ...others] = words
  if (others.length > 0 || (topic !== 'labels' && word === undefined)) throw misused(topic)
  const times = [
    ['start', String(start)],
    ['end', String(end)],
  ] as const
  const ask = async (endpoint: string, ...more: [string, string][]): Promise<unknown> =>
    parsed(await askText(server, endpoint, [...times, ...more]), server.url)
  if (topic === 'stats') {
    const stats = (await ask('index/stats', ['query', word!])) as Stats
    return json ? `${JSON.stringify(stats)}\n` : `${statsText(stats)}\n`
  }
  const endpoint = word === undefined ? 'labels' : `label/${encodeURIComponent(word)}/values`
  const { data } = (await (topic === 'labels' ? ask(endpoint) : ask('series', ['match[]', word!]))) as {
    readonly data?: readonly (string | Record<string, string>)[] | null
  }
  if (json) return `${JSON.stringify(data ?? [])}\n`
  const rows = (data ?? []).map((each) =>
    typeof each === 'string' ? each : formatLabels(Object.entries(each)),
  )
  return rows.toSorted().map((row) => `${visible(row)}\n`).join('') // prettier-ignore
}

function statsText({ streams, chunks, entries, bytes }: Stats): string {
  return [
    plural(streams, 'stream'),
    plural(chunks, 'chunk'),
    plural(entries, 'entry', 'entries'),
    plural(bytes, 'byte'),
  ].join(', ')
}

function misused(topic: Topic): LogstreamError {
  const takes = topic === 'labels' ? 'at most one label NAME' : 'one SELECTOR, in quotes'
  return new LogstreamError('BAD_USAGE', `query ${topic} takes ${takes}. See: logstream query --help`)
}

function parsed(body: string, url: string): unknown {
  try {
    const answer: unknown = JSON.parse(body)
    if (typeof answer === 'object' && answer !== null) return answer
  } catch {
    // Falls through: anything but JSON isn't an answer of Loki.
  }
  throw new LogstreamError(
    'IO',
    `${url} did not answer as Loki does: expected JSON. Is this the URL of a Loki?`,
  )
}
