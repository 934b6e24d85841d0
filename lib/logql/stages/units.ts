/** Durations, sizes and numbers as Loki reads them in queries and in the values of labels, with Go's error texts. */
import { parseDuration } from '../../go/duration.ts'
import { parseFloat } from '../../go/strconv/number.ts'
import { quote } from '../../go/strconv/quote.ts'

/** A value, or the text of what is wrong with it. */
export type Converted = { readonly value: number } | { readonly problem: string }

const prometheusDuration = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const prometheusNanos = [365 * 864e11, 7 * 864e11, 864e11, 36e11, 6e10, 1e9, 1e6]

/**
 * The nanoseconds of a duration in Prometheus' notation, `1d12h`, `90m`, `1h30m`, `0`; undefined for anything else:
 * units go from large to small, without fractions (github.com/prometheus/common, model.ParseDuration).
 */
export function parsePrometheusDuration(text: string): number | undefined {
  if (text === '0') return 0
  const match = text === '' ? null : prometheusDuration.exec(text)
  if (match === null) return undefined
  let total = 0
  for (const [i, nanos] of prometheusNanos.entries()) total += Number(match[i + 1] ?? 0) * nanos
  return total < 2 ** 63 ? total : undefined
}

/** A duration in Prometheus' notation: `1h30m`, `1d`, `0s`. Years and weeks only where nothing is left over. */
export function formatPrometheusDuration(nanos: number): string {
  let rest = Math.trunc(Math.abs(nanos) / 1e6)
  if (rest === 0) return '0s'
  let text = nanos < 0 ? '-' : ''
  const units: [string, number, boolean][] = [
    ['y', 365 * 864e5, true],
    ['w', 7 * 864e5, true],
    ['d', 864e5, false],
    ['h', 36e5, false],
    ['m', 6e4, false],
    ['s', 1e3, false],
    ['ms', 1, false],
  ]
  for (const [unit, size, exact] of units) {
    if (exact && rest % size !== 0) continue
    const count = Math.floor(rest / size)
    if (count > 0) text += `${count}${unit}`
    rest -= count * size
  }
  return text
}

/** The nanoseconds of a duration literal of a query: Prometheus' notation or Go's. */
export function parseQueryDuration(text: string): number | undefined {
  return parsePrometheusDuration(text) ?? parseDuration(text)
}

const durationUnits = new Set(['ns', 'us', 'µs', 'μs', 'ms', 's', 'm', 'h'])

/** A text in quotes as Go's package time writes it: bytes beyond ASCII and control characters as `\x41`. */
function quoteBytes(text: string): string {
  const escaped = text
    .replace(/["\\]/g, '\\$&')
    .replace(/[^ -\x7f]+/g, (run) =>
      Array.from(Buffer.from(run), (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    )
  return `"${escaped}"`
}

/** What Go's time.ParseDuration says about a text that it refuses. */
function durationProblem(text: string): string {
  const shown = quoteBytes(text)
  let rest = text.replace(/^[+-]/, '')
  if (rest === '') return `time: invalid duration ${shown}`
  while (rest !== '') {
    const number = /^(?:\d+\.?\d*|\.\d+)/.exec(rest)?.[0]
    if (number === undefined || Number.parseInt(number, 10) > 2 ** 63)
      return `time: invalid duration ${shown}`
    rest = rest.slice(number.length)
    const unit = /^[^\d.]*/.exec(rest)?.[0] ?? ''
    if (unit === '') return `time: missing unit in duration ${shown}`
    if (!durationUnits.has(unit)) return `time: unknown unit ${quoteBytes(unit)} in duration ${shown}`
    rest = rest.slice(unit.length)
  }
  return `time: invalid duration ${shown}`
}

/** The nanoseconds of a label's value, in Go's notation. */
export function convertDuration(text: string): Converted {
  const value = parseDuration(text)
  return value === undefined ? { problem: durationProblem(text) } : { value }
}

/** The seconds of a label's value, rounded as time.Duration.Seconds rounds them: 1.84s are 1.8399999999999999. */
export function convertSeconds(text: string): Converted {
  const converted = convertDuration(text)
  if ('problem' in converted) return converted
  const { value } = converted
  return { value: Math.trunc(value / 1e9) + (value % 1e9) / 1e9 }
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/

/** The number of a label's value, as strconv.ParseFloat reads it. */
export function convertNumber(text: string): Converted {
  const value = parseFloat(text)
  if (value !== undefined) return { value }
  const reason = decimal.test(text) ? 'value out of range' : 'invalid syntax'
  return { problem: `strconv.ParseFloat: parsing ${quote(text)}: ${reason}` }
}

const sizes: Record<string, number | undefined> = { '': 1, b: 1 }
for (const [power, letter] of [...'kmgtpe'].entries()) {
  sizes[letter] = sizes[`${letter}b`] = 1000 ** (power + 1)
  sizes[`${letter}i`] = sizes[`${letter}ib`] = 1024 ** (power + 1)
}

/**
 * The bytes of a size, `1.5MiB`, `10 kB`, `42`, `1,024`: units in any case, `k` is 1000 and `ki` 1024
 * (github.com/dustin/go-humanize, ParseBytes).
 */
export function convertBytes(text: string): Converted {
  const digits = /^[\d.,]*/.exec(text)?.[0] ?? ''
  const number = convertNumber(digits.replaceAll(',', ''))
  if ('problem' in number) return number
  const unit = text.slice(digits.length).trim().toLowerCase()
  const size = Object.hasOwn(sizes, unit) ? sizes[unit] : undefined
  if (size === undefined) return { problem: `unhandled size name: ${unit}` }
  const bytes = number.value * size
  return bytes >= 2 ** 64 ? { problem: `too large: ${text}` } : { value: Math.trunc(bytes) }
}

/** A size as go-humanize prints it, `5.0MB`, with powers of 1000, without a blank. */
export function formatSize(bytes: number): string {
  if (bytes < 10) return `${bytes}B`
  const power = Math.floor(Math.log(bytes) / Math.log(1000))
  const value = Math.floor((bytes / 1000 ** power) * 10 + 0.5) / 10
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)}${['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'][power]}`
}
