/** Go's fmt: Sprint, Sprintln and Sprintf over the values of a template (https://pkg.go.dev/fmt). */
import { checkText, spend } from './limits.ts'
import { wellFormed } from '../strings/bytes.ts'
import { type GoList, type GoMap, type Value, integerOf, mapEntries, sortedKeys, typeName } from './value.ts'
import { type Flags, formatInteger, formatNumber, formatText, noFlags, pad } from './verbs.ts'

const plain = noFlags()

/** The verbs under which a value with a String method prints that. */
const textVerbs = new Set(['v', 's', 'x', 'X', 'q'])

/** `%!verb(type=value)`, as Go reports a verb that doesn't fit. */
function badVerb(value: Value, verb: string, flags: Flags): string {
  if (value === undefined || value === null) return `%!${verb}(<nil>)`
  return `%!${verb}(${typeName(value)}=${formatValue(value, 'v', flags)})`
}

function formatNil(verb: string, flags: Flags, depth: number): string {
  if (depth > 0) return flags.goSyntax ? 'interface {}(nil)' : '<nil>'
  if (verb !== 'v') return `%!${verb}(<nil>)`
  return pad('<nil>', flags)
}

function joined(parts: string[], separator: string): string {
  checkText(parts.reduce((length, part) => length + part.length + 2, 0))
  return parts.join(separator)
}

function formatList(value: GoList, verb: string, flags: Flags, depth: number): string {
  if (flags.goSyntax && value.isNil) return `[]${value.elem}(nil)`
  const parts = value.items.map((item) => formatValue(item, verb, flags, depth + 1))
  return flags.goSyntax ? `[]${value.elem}{${joined(parts, ', ')}}` : `[${joined(parts, ' ')}]`
}

function formatMap(value: GoMap, verb: string, flags: Flags, depth: number): string {
  const entries = mapEntries(value)
  if (flags.goSyntax && value.isNil) return `${typeName(value)}(nil)`
  const sorted = sortedKeys(value).map((key) => [key, entries.get(key)] as const)
  return formatEntries(sorted, typeName(value), verb, flags, depth)
}

function formatEntries(
  entries: readonly (readonly [Value, Value])[],
  type: string,
  verb: string,
  flags: Flags,
  depth: number,
): string {
  const parts = entries.map(([key, value]) => {
    return `${formatValue(key, verb, flags, depth + 1)}:${formatValue(value, verb, flags, depth + 1)}`
  })
  return flags.goSyntax ? `${type}{${joined(parts, ', ')}}` : `map[${joined(parts, ' ')}]`
}

function formatObject(value: Value & object, verb: string, flags: Flags, depth: number): string {
  if (value.tag === 'list') return formatList(value, verb, flags, depth)
  if (value.tag === 'map') return formatMap(value, verb, flags, depth)
  if (value.tag === 'object' && value.entries !== undefined)
    return formatEntries(value.entries, value.type, verb, flags, depth)
  const text = value.tag === 'int' ? value.text : value.text()
  if (text !== undefined && textVerbs.has(verb))
    return formatText(text, verb, { ...flags, goSyntax: false }) ?? ''
  if (value.tag !== 'int') return badVerb(value, verb, flags)
  const isHex = flags.goSyntax && verb === 'v' && value.kind.startsWith('uint')
  const formatted = isHex
    ? formatInteger(value.value, 'x', { ...flags, sharp: true })
    : formatInteger(value.value, verb, flags)
  return formatted ?? badVerb(value, verb, flags)
}

/** One value under one verb. */
function formatValue(value: Value, verb: string, flags: Flags, depth = 0): string {
  spend(1)
  let text: string | undefined
  switch (typeof value) {
    case 'string':
      text = formatText(value, verb, flags)
      break
    case 'bigint':
      text = formatInteger(value, verb, flags)
      break
    case 'number':
      text = formatNumber(value, verb, flags)
      break
    case 'boolean':
      text = verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined
      break
    default:
      if (value === undefined || value === null) return formatNil(verb, flags, depth)
      text = formatObject(value, verb, flags, depth)
  }
  return text ?? badVerb(value, verb, flags)
}

/** The value as `%v` prints it. */
export function sprintOne(value: Value): string {
  if (typeof value === 'string') return value
  return typeof value === 'bigint' ? value.toString() : formatValue(value, 'v', plain)
}

/** The value as an action `{{ ... }}` prints it: nil is `<no value>`. */
export function printable(value: Value): string {
  return value === undefined || value === null ? '<no value>' : sprintOne(value)
}

/** fmt.Sprint: a space between two operands when neither is a string. */
export function sprint(values: readonly Value[]): string {
  let text = ''
  values.forEach((value, i) => {
    const apart = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string'
    text += (apart ? ' ' : '') + sprintOne(value)
    checkText(text.length)
  })
  return text
}

/** fmt.Sprintln: always a space between operands, and a line end. */
export function sprintln(values: readonly Value[]): string {
  return `${joined(values.map(sprintOne), ' ')}\n`
}

/** How far Sprintf has got in its format and arguments. */
interface Scan {
  readonly format: string
  at: number
  readonly args: readonly Value[]
  next: number
  /** An index such as `[2]` was used somewhere, so unused arguments aren't reported. */
  reordered: boolean
  /** An index was just read. */
  indexed: boolean
  /** No index was bad so far in this verb. */
  good: boolean
  out: string
}

/** Go doesn't take widths and precisions beyond this. */
const maxNumber = 1_000_000

/** Digits at the position: undefined if there are none, NaN if the number is too large. */
function scanNumber(scan: Scan): number | undefined {
  const start = scan.at
  while (/[0-9]/.test(scan.format[scan.at] ?? '')) scan.at++
  if (scan.at === start) return undefined
  const value = Number(scan.format.slice(start, scan.at))
  if (value <= maxNumber * 10 + 9) return value
  // Go gives up on the rest of the format.
  scan.at = scan.format.length
  return undefined
}

/** `[n]`: the next argument by number. */
function scanIndex(scan: Scan): void {
  scan.indexed = false
  if (scan.format[scan.at] !== '[') return
  scan.reordered = true
  const end = scan.format.indexOf(']', scan.at)
  const digits = end < 0 ? '' : scan.format.slice(scan.at + 1, end)
  const index = /^[0-9]{1,7}$/.test(digits) ? Number(digits) : Number.NaN
  scan.at = end < 0 ? scan.at + 1 : end + 1
  if (index >= 1 && index <= scan.args.length) {
    scan.next = index - 1
    scan.indexed = true
    return
  }
  scan.good = false
  scan.indexed = !Number.isNaN(index)
}

/** `*`: the argument as a width or precision; undefined unless it is an integer that fits. */
function starArgument(scan: Scan): number | undefined {
  scan.at++
  scan.indexed = false
  if (scan.next >= scan.args.length) return undefined
  const value = integerOf(scan.args[scan.next++])
  if (value === undefined || value > BigInt(maxNumber) || value < -BigInt(maxNumber)) return undefined
  return Number(value)
}

function scanFlags(scan: Scan): Flags {
  const flags = noFlags()
  for (; ; scan.at++) {
    const char = scan.format[scan.at]
    if (char === '#') flags.sharp = true
    else if (char === '0') flags.zero = true
    else if (char === '+') flags.plus = true
    else if (char === '-') flags.minus = true
    else if (char === ' ') flags.space = true
    else return flags
  }
}

function scanWidth(scan: Scan, flags: Flags): void {
  if (scan.format[scan.at] !== '*') {
    flags.width = scanNumber(scan)
    if (scan.indexed && flags.width !== undefined) scan.good = false
    return
  }
  const width = starArgument(scan)
  if (width === undefined) scan.out += '%!(BADWIDTH)'
  else if (width < 0) {
    flags.minus = true
    flags.zero = false
  }
  flags.width = width === undefined ? undefined : Math.abs(width)
}

function scanPrecision(scan: Scan, flags: Flags): void {
  if (scan.format[scan.at] !== '.' || scan.at + 1 >= scan.format.length) return
  scan.at++
  if (scan.indexed) scan.good = false
  scanIndex(scan)
  if (scan.format[scan.at] !== '*') {
    flags.precision = scanNumber(scan) ?? 0
    return
  }
  const precision = starArgument(scan)
  if (precision === undefined || precision < 0) scan.out += '%!(BADPREC)'
  else flags.precision = precision
}

function printArgument(scan: Scan, verb: string, flags: Flags): void {
  const value = scan.args[scan.next++]
  if (verb === 'T') scan.out += formatText(typeName(value), 's', flags)
  else if (verb === 'v') {
    scan.out += formatValue(value, verb, { ...flags, goSyntax: flags.sharp, sharp: false, plus: false })
  } else if (verb === 'w') scan.out += badVerb(value, verb, flags)
  else scan.out += formatValue(value, verb, flags)
}

/** One verb, from after its `%`. */
function scanVerb(scan: Scan): void {
  scan.good = true
  const flags = scanFlags(scan)
  scanIndex(scan)
  scanWidth(scan, flags)
  scanPrecision(scan, flags)
  if (!scan.indexed) scanIndex(scan)
  const code = scan.format.codePointAt(scan.at)
  if (code === undefined) {
    scan.out += '%!(NOVERB)'
    return
  }
  const verb = String.fromCodePoint(code)
  scan.at += verb.length
  if (verb === '%') scan.out += '%'
  else if (!scan.good) scan.out += `%!${wellFormed(verb)}(BADINDEX)`
  else if (scan.next >= scan.args.length) scan.out += `%!${wellFormed(verb)}(MISSING)`
  else printArgument(scan, verb, flags)
  checkText(scan.out.length)
}

/** fmt.Sprintf; what doesn't fit is reported in the text, as Go does. */
export function sprintf(format: string, args: readonly Value[]): string {
  const scan: Scan = {
    format,
    at: 0,
    args,
    next: 0,
    reordered: false,
    indexed: false,
    good: true,
    out: '',
  }
  while (scan.at < format.length) {
    const percent = format.indexOf('%', scan.at)
    scan.out += format.slice(scan.at, percent < 0 ? undefined : percent)
    if (percent < 0) break
    scan.at = percent + 1
    scanVerb(scan)
  }
  if (scan.reordered || scan.next >= args.length) return scan.out
  const extra = args.slice(scan.next).map((value) => {
    return value === undefined || value === null ? '<nil>' : `${typeName(value)}=${sprintOne(value)}`
  })
  return `${scan.out}%!(EXTRA ${joined(extra, ', ')})`
}
