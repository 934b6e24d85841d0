/** `logstream generate`: writes sample transaction lines to a file or to standard output. */
import { createWriteStream } from 'node:fs'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { LogstreamError } from '../errors.ts'
import { transactionSource } from '../generate/transactions.ts'
import { readArgs, type Args } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT } from './io.ts'

const FLAGS: Flags = {
  rate: { value: 'N', doc: 'lines per second; 0: as fast as possible (10)' },
  count: { value: 'N', doc: 'stop after N lines; 0: never (0)' },
  bad: { value: 'SHARE', doc: 'share of lines in another format, 0 to 1 (0.03)' },
  seed: { value: 'N', doc: 'the same seed and start give the same lines (random)' },
  start: {
    value: 'TIME',
    doc: 'time of the first line, RFC 3339 (now; with --seed 2026-01-01T00:00:00Z)',
  },
}

export const generateCommand: Command = {
  usage: ['logstream generate [flags] [FILE]'],
  about: `
Appends sample lines to FILE, or writes them to standard output:

  date|start_time|end_time|latency|method|detail|status|code`,
  flags: FLAGS,
  words: 'file',
  run: async (args, io) => {
    const given = readArgs('generate', args, FLAGS)
    if (given.words.length > 1)
      throw new LogstreamError('BAD_USAGE', 'generate takes one FILE. See: logstream generate --help')
    const stop = new AbortController()
    const release = io.onSignal(() => stop.abort())
    const [file] = given.words
    const out = file === undefined ? io.stdout : createWriteStream(file, { flags: 'a' })
    out.on('error', () => stop.abort())
    try {
      await write(options(given), out, stop.signal)
    } finally {
      release()
      if (file !== undefined) await new Promise<void>((resolve) => out.end(() => resolve()))
    }
    if (file !== undefined && out.errored !== null)
      throw new LogstreamError('IO', `cannot write ${file}: ${out.errored.message}`, { cause: out.errored })
    return EXIT.ok
  },
}

export interface GenerateOptions {
  readonly rate: number
  readonly count: number
  readonly bad: number
  readonly seed: number
  /** Unix time of the first line in milliseconds; `undefined`: each line has the time it is written at. */
  readonly start: number | undefined
}

function options(given: Args): GenerateOptions {
  const number = (name: string, fallback: number, most = Number.MAX_SAFE_INTEGER): number => {
    const text = given.text(name)
    const value = text === undefined ? fallback : Number(text)
    if (!(value >= 0 && value <= most) || text === '')
      throw new LogstreamError('BAD_USAGE', `--${name} must be a number from 0 to ${most}, found "${text}"`)
    return value
  }
  const seeded = given.text('seed') !== undefined
  const startText = given.text('start') ?? (seeded ? '2026-01-01T00:00:00Z' : undefined)
  const start = startText === undefined ? undefined : Date.parse(startText)
  if (Number.isNaN(start))
    throw new LogstreamError(
      'BAD_USAGE',
      `--start must be a time such as 2026-01-01T00:00:00Z, found "${startText}"`,
    )
  const seed = number('seed', Math.floor(Math.random() * 0xffffffff), 0xffffffff)
  return { rate: number('rate', 10), count: number('count', 0), bad: number('bad', 0.03, 1), seed, start }
}

/** The most lines written between two looks at the clock. */
const BURST = 1000

async function write(
  { rate, count, bad, seed, start }: GenerateOptions,
  out: Writable,
  signal: AbortSignal,
): Promise<void> {
  const next = transactionSource({ seed, badShare: bad })
  const began = Date.now()
  const step = rate === 0 ? 1 : 1000 / rate
  let done = 0
  while (!signal.aborted && (count === 0 || done < count)) {
    const due = rate === 0 ? done + BURST : Math.floor(((Date.now() - began) * rate) / 1000) + 1
    const until = Math.min(due, done + BURST, count === 0 ? Infinity : count)
    let text = ''
    for (; done < until; done++)
      text += `${next(start === undefined ? Date.now() : Math.floor(start + done * step))}\n`
    if (text !== '' && !out.write(text)) await once(out, 'drain', { signal }).catch(() => undefined)
    else await sleep(rate === 0 ? 0 : Math.min(100, step), undefined, { signal }).catch(() => undefined)
  }
}
