/** `logstream query`: asks a Loki, or the store of this program, and writes what it answers. */
import { LogstreamError, messageOf } from '../errors.ts'
import { penOf } from '../formats/pen.ts'
import { LogqlError } from '../logql/syntax/error.ts'
import { countParameter, rangeParameters, timeParameter, type TimeRange } from '../logql/api/params.ts'
import { readArgs, type Args } from './args.ts'
import { mayColour } from './colour.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { askInstant, askRange, queryServer, type QueryPage, type QueryServer } from './query-client.ts'
import { followRange } from './query-follow.ts'
import { askAbout, TOPICS } from './query-about.ts'
import { FORMATS, queryOutput, type Format, type QueryOutput, type Screen } from './query-output.ts'

const FLAGS: Flags = {
  url: {
    value: 'URL',
    doc: 'where to ask; http://USER:PASSWORD@HOST:PORT signs in ($LOKI_URL, else http://127.0.0.1:3100)',
  },
  since: { value: 'DURATION', doc: 'how far to look back from the end: 90s, 15m, 12h, 7d (1h)' },
  from: { value: 'TIME', doc: 'start instead of --since: RFC 3339, or seconds since 1970' },
  to: { value: 'TIME', doc: 'end, exclusive (now)' },
  limit: { value: 'N', doc: 'lines; 0 for all (100)' },
  follow: { doc: 'keep showing lines as they come, until Ctrl-C' },
  forward: { doc: 'the oldest lines first; without it the newest' },
  step: { value: 'DURATION', doc: 'time between the points of a metric (chosen by the server)' },
  instant: { doc: 'the value of a metric at the end of the time only' },
  output: {
    value: 'FORMAT',
    takes: FORMATS,
    doc: 'text: time, labels and line; raw: lines as they are; json: as Loki answers; jsonl: an object a line; table; chart: a metric drawn (on a terminal text and chart, else raw and table)',
  },
  header: {
    value: '"N: V"',
    multiple: true,
    doc: 'one more header of the requests, such as "X-Scope-OrgID: team"',
  },
}

export const queryCommand: Command = {
  usage: [
    'logstream query [flags] LOGQL',
    'logstream query labels [NAME]',
    'logstream query series | stats SELECTOR',
  ],
  about: `
Asks Loki, or the store of logstream (loki.store), and writes what it answers:

  logstream query '{job="main"} |= "error"' --since 15m
  logstream query 'sum by (level) (count_over_time({job="main"}[5m]))'

  labels       the names of labels, or the values of NAME
  series       the streams of SELECTOR, by their labels
  stats        how many streams, chunks, entries and bytes SELECTOR has`,
  flags: FLAGS,
  words: TOPICS,
  run: async (args, io) => {
    const given = readArgs('query', args, FLAGS)
    const stop = new AbortController()
    const format = formatOf(given)
    if (given.flag('follow') && (format === 'json' || format === 'table' || format === 'chart'))
      throw new LogstreamError(
        'BAD_USAGE',
        `--output ${format} comes at the end, which --follow has not: use text, raw or jsonl`,
      )
    const [topic, ...words] = given.words
    const about = TOPICS.find((each) => each === topic)
    const question = about === undefined ? questionOf(given) : undefined
    const server = queryServer(
      given.text('url') ?? (io.env['LOKI_URL'] || 'http://127.0.0.1:3100'),
      given.texts('header'),
      stop.signal,
    )
    const release = io.onSignal(() => stop.abort())
    try {
      if (question !== undefined)
        await write(io, queryOutput(format, screenOf(io)), answers(server, question))
      else await writeText(io, await askAbout(about!, words, timesOf(given), format === 'json', server))
    } catch (error) {
      // A signal isn't a mistake.
      if (!stop.signal.aborted) throw error
    } finally {
      release()
    }
    return EXIT.ok
  },
}

interface Question extends TimeRange {
  readonly query: string
  readonly limit: number
  readonly forward: boolean
  readonly follow: boolean
  readonly step: string
  readonly instant: boolean
}

function questionOf(given: Args): Question {
  const [query = '', ...others] = given.words
  if (query.trim() === '' || others.length > 0)
    throw new LogstreamError(
      'BAD_USAGE',
      `query takes one LOGQL${others.length > 0 ? ', in quotes' : ''}. See: logstream query --help`,
    )
  try {
    const limit = given.text('limit') ?? '100'
    const values = new Map([['limit', limit]])
    return {
      ...timesOf(given),
      query,
      limit: limit === '0' ? 0 : countParameter(values, 'limit', 100),
      forward: given.flag('forward'),
      follow: given.flag('follow'),
      step: given.text('step') ?? '',
      instant: given.flag('instant'),
    }
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    throw new LogstreamError('BAD_USAGE', messageOf(error), { cause: error })
  }
}

function timesOf(given: Args): TimeRange {
  if (given.text('from') !== undefined && given.text('since') !== undefined)
    throw new LogstreamError('BAD_USAGE', '--from and --since both say where to start: give one of them')
  const now = BigInt(Date.now()) * 1_000_000n
  const named = new Map<string, string>()
  for (const name of ['from', 'to', 'since']) {
    const text = given.text(name)
    if (text !== undefined) named.set(name, text)
  }
  const end = timeParameter(named, 'to', now)
  const source = new Map([['since', named.get('since') ?? '']])
  // Unlike in Loki `--since` counts from the end, also from one in the future.
  const { start } = rangeParameters(source, end)
  const from = timeParameter(named, 'from', start)
  if (named.has('from') && from >= end && !given.flag('follow'))
    throw new LogstreamError('BAD_USAGE', '--from must be before --to, which is now if it is left out')
  return { start: from, end }
}

function formatOf(given: Args): Format | undefined {
  const text = given.text('output')
  if (text === undefined) return undefined
  const found = FORMATS.find((format) => format === text)
  if (found === undefined)
    throw new LogstreamError('BAD_USAGE', `--output must be one of ${FORMATS.join(', ')}, found "${text}"`)
  return found
}

function screenOf(io: Io): Screen {
  const colour = mayColour(io)
  return { terminal: io.stdout.isTTY === true, width: io.stdout.columns ?? 80, colour, pen: penOf(colour) }
}

async function* answers(server: QueryServer, question: Question): AsyncGenerator<QueryPage> {
  if (question.follow) yield* followRange(server, { ...question, direction: 'backward' })
  else if (question.instant) yield await askInstant(server, question.query, question.end)
  else yield* askRange(server, { ...question, direction: question.forward ? 'forward' : 'backward' })
}

async function write(io: Io, output: QueryOutput, pages: AsyncIterable<QueryPage>): Promise<void> {
  for await (const page of pages) await writeText(io, output.page(page))
  await writeText(io, output.end())
}

function writeText(io: Io, text: string): Promise<void> {
  if (text === '') return Promise.resolve()
  return new Promise((resolve, reject) => {
    io.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
