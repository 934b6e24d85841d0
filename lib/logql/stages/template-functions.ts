/**
 * The functions of line_format and label_format (https://grafana.com/docs/loki/latest/query/template_functions/): part
 * of sprig, the older names of Loki, and the line and its time.
 */
import { messageOf } from '../../errors.ts'
import { fixed } from '../../go/template/function.ts'
import { alloyFunctions } from '../../go/template/functions/index.ts'
import { parseInt64 } from '../../go/strconv/integer.ts'
import { quote } from '../../go/strconv/quote.ts'
import { timeValue } from '../../go/template/functions/time-value.ts'
import { fault, type FunctionMap, type TemplateFunction } from '../../go/template/value.ts'
import { compileTimeLayout } from '../../go/time/parse.ts'
import { loadZone, utc } from '../../go/time/zone.ts'
import { type Regexp, compile } from '../../go/regexp/regexp.ts'
import { type Converted, convertBytes, convertSeconds } from './units.ts'

const shared = [
  ...[
    'ToLower',
    'ToUpper',
    'Replace',
    'Trim',
    'TrimLeft',
    'TrimRight',
    'TrimPrefix',
    'TrimSuffix',
    'TrimSpace',
  ],
  ...['regexReplaceAll', 'regexReplaceAllLiteral', 'b64enc', 'lower', 'upper', 'title', 'trunc', 'substr'],
  ...['contains', 'hasPrefix', 'hasSuffix', 'indent', 'nindent', 'replace', 'repeat', 'trim', 'trimAll'],
  ...[
    'trimSuffix',
    'trimPrefix',
    'int',
    'float64',
    'add',
    'sub',
    'mul',
    'div',
    'mod',
    'addf',
    'subf',
    'mulf',
  ],
  ...['divf', 'max', 'min', 'maxf', 'minf', 'ceil', 'floor', 'round', 'fromJson', 'date', 'toDate', 'now'],
  ...['unixEpoch', 'default'],
]

/** Patterns may come from labels, so only the latest are kept. */
const MAX_PATTERNS = 200
const patterns = new Map<string, Regexp>()

function patternOf(source: string): Regexp {
  const known = patterns.get(source)
  if (known !== undefined) return known
  if (patterns.size >= MAX_PATTERNS) patterns.clear()
  try {
    const made = compile(source)
    patterns.set(source, made)
    return made
  } catch (error) {
    throw fault(messageOf(error))
  }
}

function converted(result: Converted): number {
  if ('problem' in result) throw fault(result.problem)
  return result.value
}

function seconds(text: string): number {
  return converted(convertSeconds(text))
}

function aligned(count: number, text: string, left: boolean): string {
  const letters = [...text]
  if (count < 0 || count === letters.length) return text
  if (count > letters.length) {
    if (count > 1_000_000) throw fault(`cannot align to ${count} letters`)
    const blanks = ' '.repeat(count - letters.length)
    return left ? text + blanks : blanks + text
  }
  return (left ? letters.slice(0, count) : letters.slice(letters.length - count)).join('')
}

function decodeQuery(text: string): string {
  const bad = /%(?![\da-fA-F]{2}).{0,2}/s.exec(text)
  if (bad !== null) throw fault(`invalid URL escape ${JSON.stringify(bad[0])}`)
  const bytes = text.replaceAll('+', ' ').split(/((?:%[\da-fA-F]{2})+)/)
  return bytes
    .map((part, i) => (i % 2 === 0 ? part : Buffer.from(part.replaceAll('%', ''), 'hex').toString()))
    .join('')
}

function encodeQuery(text: string): string {
  return [...Buffer.from(text)]
    .map((byte) => {
      const letter = String.fromCharCode(byte)
      if (/[\w.~-]/.test(letter)) return letter
      return letter === ' ' ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
    })
    .join('')
}

const unixUnits: Record<number, bigint | undefined> = {
  5: 86_400_000_000_000n,
  10: 1_000_000_000n,
  13: 1_000_000n,
  16: 1000n,
  19: 1n,
}

function instantOf(nanos: bigint): { seconds: number; nanos: number } {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n
  return { seconds: Number((nanos - rest) / 1_000_000_000n), nanos: Number(rest) }
}

function unixToTime(text: string): ReturnType<typeof timeValue> {
  const unit = unixUnits[Buffer.byteLength(text)]
  const number = parseInt64(text)
  if (number === undefined) {
    const why = /^[+-]?\d+$/.test(text) ? 'value out of range' : 'invalid syntax'
    throw fault(`unable to parse time '${text}': strconv.ParseInt: parsing ${quote(text)}: ${why}`)
  }
  // Loki wraps the error of the parser, which there isn't.
  if (unit === undefined) throw fault(`unable to parse time '${text}': %!w(<nil>)`)
  return timeValue({ ...instantOf(number * unit), zone: utc })
}

interface Moment {
  readonly seconds: number
  readonly nanos: number
}

function nanosOf(time: { readonly data: unknown }): bigint {
  const { seconds: whole, nanos } = time.data as Moment
  return BigInt(whole) * 1_000_000_000n + BigInt(nanos)
}

/** Go's zero time, the result for texts that aren't times. */
const zeroTime = { seconds: -62_135_596_800, nanos: 0 }

function toDateInZone(layout: string, zoneName: string, text: string): ReturnType<typeof timeValue> {
  const zone = loadZone(zoneName) ?? utc
  const parsed = compileTimeLayout(layout, zone)(text)
  return timeValue(parsed ?? { ...zeroTime, zone: utc })
}

function decodeBase64(sprig: FunctionMap): TemplateFunction {
  const decode = sprig.get('b64dec')!
  return fixed(['string'], (text) => {
    const rest = Buffer.byteLength(text) % 4
    return decode.call(rest > 1 ? text + '='.repeat(4 - rest) : text)
  })
}

function own(sprig: FunctionMap): [string, TemplateFunction][] {
  return [
    [
      'count',
      fixed(['string', 'string'], (pattern, text) => BigInt(patternOf(pattern).findAllIndex(text).length)),
    ],
    ['urldecode', fixed(['string'], decodeQuery)],
    ['urlencode', fixed(['string'], encodeQuery)],
    ['bytes', fixed(['string'], (text) => converted(convertBytes(text)))],
    ['duration', fixed(['string'], seconds)],
    ['duration_seconds', fixed(['string'], seconds)],
    ['unixEpochMillis', fixed(['time'], (time) => String(BigInt.asIntN(64, nanosOf(time) / 1_000_000n)))],
    ['unixEpochNanos', fixed(['time'], (time) => String(nanosOf(time)))],
    ['toDateInZone', fixed(['string', 'string', 'string'], toDateInZone)],
    ['unixToTime', fixed(['string'], unixToTime)],
    ['alignLeft', fixed(['int', 'string'], (count, text) => aligned(count, text, true))],
    ['alignRight', fixed(['int', 'string'], (count, text) => aligned(count, text, false))],
    ['b64dec', decodeBase64(sprig)],
  ]
}

let common: [string, TemplateFunction][] | undefined

function commonFunctions(): [string, TemplateFunction][] {
  if (common !== undefined) return common
  const sprig = alloyFunctions({ env: () => undefined })
  const taken = shared.map((name): [string, TemplateFunction] => [name, sprig.get(name)!])
  return (common = [...taken, ...own(sprig)])
}

/** The line that a template runs on. */
export interface CurrentLine {
  line: string
  seconds: number
  nanos: number
}

/** The functions for one template; `__line__` and `__timestamp__` read what `current` holds when they are called. */
export function templateFunctions(current: CurrentLine): FunctionMap {
  return new Map([
    ...commonFunctions(),
    ['__line__', fixed([], () => current.line)],
    [
      '__timestamp__',
      fixed([], () => timeValue({ seconds: current.seconds, nanos: current.nanos, zone: utc })),
    ],
  ])
}
