/** How far a long task is, on one line of standard error that is drawn over; only on a terminal. */
import { fstatSync } from 'node:fs'
import { penFor } from './colour.ts'
import type { Io } from './io.ts'

/** How far it is. */
export interface Figures {
  readonly done: number
  /** Left out where the end can't be known, as with a pipe. */
  readonly total?: number
  /** What is counted: `bytes` are shown as KiB, MiB and GiB. */
  readonly unit: string
  /** More to say, such as `1,200 lines`. */
  readonly note?: string
}

export interface Progress {
  /** Writes to standard error without a trace of the progress line in between. */
  write(text: string): void
  /** Takes the line away. */
  stop(): void
}

/** How much of standard input has been read: of its size, if it is a file. */
export function stdinFigures({ stdin }: Io): Figures {
  return { done: stdin.bytesRead ?? 0, total: sizeOf(stdin.fd), unit: 'bytes' }
}

function sizeOf(fd: number | undefined): number | undefined {
  const stats = fd === undefined ? undefined : fstatSync(fd)
  return stats?.isFile() === true ? stats.size : undefined
}

/** Milliseconds: what is done sooner shows nothing. */
const PATIENCE = 500
const EVERY = 200
const ERASE = '\r\u001b[K'

export function noProgress({ stderr }: Io): Progress {
  return { write: (text) => void stderr.write(text), stop: () => undefined }
}

/** Draws what `figures` returns five times a second, until `stop`. Does nothing where standard error isn't a terminal. */
export function showProgress(io: Io, figures: () => Figures, now: () => number = Date.now): Progress {
  const { stderr } = io
  if (stderr.isTTY !== true || io.env['TERM'] === 'dumb') return noProgress(io)
  const pen = penFor(io, 'stderr')
  const began = now()
  let drawn = false
  const erase = (): void => {
    if (drawn) stderr.write(ERASE)
    drawn = false
  }
  const draw = (): void => {
    const ms = now() - began
    if (ms < PATIENCE) return
    const { bar, text } = progressLine(figures(), ms, stderr.columns ?? 80)
    stderr.write(`${ERASE}${pen('cyan', bar)}${text}`)
    drawn = true
  }
  const timer = setInterval(draw, EVERY).unref()
  return {
    write: (text) => {
      erase()
      stderr.write(text)
    },
    stop: () => {
      clearInterval(timer)
      erase()
    },
  }
}

/** The line, at most `columns - 1` wide, so that the terminal doesn't wrap it. */
export function progressLine(
  { done, total, unit, note }: Figures,
  ms: number,
  columns: number,
): { bar: string; text: string } {
  const perSecond = (done * 1000) / Math.max(1, ms)
  const share = total === undefined || total === 0 ? undefined : Math.min(1, done / total)
  const left = share === undefined || done === 0 ? '' : `${clock((total! - done) / perSecond)} left`
  const parts = [
    share === undefined ? amount(done, unit) : `${Math.floor(share * 100)}% of ${amount(total!, unit)}`,
    note ?? '',
    `${amount(perSecond, unit)}/s`,
    left,
  ]
  const text = parts.filter((part) => part !== '').join(', ')
  const width = Math.min(30, columns - text.length - 3)
  if (share === undefined || width < 5) return { bar: '', text: text.slice(0, columns - 1) }
  const full = Math.round(share * width)
  return { bar: `${'━'.repeat(full)}${'─'.repeat(width - full)}  `, text }
}

function amount(value: number, unit: string): string {
  if (unit !== 'bytes') return `${Math.round(value).toLocaleString('en-US')} ${unit}`
  if (value < 1024) return `${Math.round(value)} B`
  const power = Math.min(3, Math.floor(Math.log2(value) / 10))
  return `${(value / 1024 ** power).toFixed(1)} ${['', 'KiB', 'MiB', 'GiB'][power]!}`
}

/** `0:42`, `12:05`, `3:10:00` */
function clock(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return '?'
  const whole = Math.ceil(seconds)
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60]
  const two = (value: number): string => String(value).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`
}
