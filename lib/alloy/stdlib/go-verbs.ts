/** The verbs of Go's fmt: one value as text. */
import { formatFloat } from '../go-number.ts'
import { isFunction, isList, isObject, isSecret } from '../kinds.ts'
import { compareText } from '../text-order.ts'
import { typeName, type ObjectValue, type Value } from '../value.ts'
import { canBackquote, goQuote } from './go-quote.ts'

/** What stands between the `%` and the verb. */
export interface Flags {
  sharp: boolean
  zero: boolean
  plus: boolean
  minus: boolean
  space: boolean
  /** `%#v` */
  goSyntax: boolean
  /** In characters. */
  width: number | undefined
  precision: number | undefined
}

/** No flags at all. */
export function plainFlags(): Flags {
  return {
    sharp: false,
    zero: false,
    plus: false,
    minus: false,
    space: false,
    goSyntax: false,
    width: undefined,
    precision: undefined,
  }
}

/** The name of the Go type that a value has in Alloy. */
export function goType(value: Value): string {
  if (typeof value === 'bigint') return value < 2n ** 63n ? 'int' : 'uint64'
  if (typeof value === 'number') return 'float64'
  if (typeof value === 'string' || typeof value === 'boolean' || isSecret(value)) {
    return typeof value === 'boolean' ? 'bool' : 'string'
  }
  if (isList(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  return value === null ? '<nil>' : isFunction(value) ? 'func' : typeName(value)
}

/** A value as `%<verb>` prints it with these flags; a verb that does not fit gives `%!d(string=abc)`. */
export function formatArgument(value: Value, verb: string, flags: Flags): string {
  if (verb === 'T') return textOf(goType(value), 's', flags)!
  if (value === null) return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`
  return valueText(value, verb, flags)
}

function valueText(value: Value, verb: string, flags: Flags): string {
  if (isList(value)) return listText(value, verb, flags)
  if (isObject(value)) return objectText(value, verb, flags)
  const text = scalarText(value, verb, flags)
  if (text !== undefined) return text
  return `%!${verb}(${goType(value)}=${scalarText(value, 'v', flags) ?? ''})`
}

function scalarText(value: Value, verb: string, flags: Flags): string | undefined {
  if (typeof value === 'boolean') return verb === 't' || verb === 'v' ? pad(String(value), flags) : undefined
  if (typeof value === 'bigint') return integerVerb(value, verb, flags)
  if (typeof value === 'number') return floatVerb(value, verb, flags)
  if (typeof value === 'string') return textOf(value, verb, flags)
  if (isSecret(value)) return textOf(value.text, verb, flags)
  // Go prints an address here, which nobody can mean.
  return verb === 'v' ? pad(`(${goType(value)})`, flags) : undefined
}

function elementText(value: Value, verb: string, flags: Flags): string {
  if (value === null) return flags.goSyntax ? 'interface {}(nil)' : '<nil>'
  return valueText(value, verb, flags)
}

function listText(list: readonly Value[], verb: string, flags: Flags): string {
  const parts = list.map((element) => elementText(element, verb, flags))
  return flags.goSyntax ? `[]interface {}{${parts.join(', ')}}` : `[${parts.join(' ')}]`
}

function objectText(object: ObjectValue, verb: string, flags: Flags): string {
  const keys = [...object.keys()].sort(compareText)
  const parts = keys.map((key) => {
    return `${valueText(key, verb, flags)}:${elementText(object.get(key)!, verb, flags)}`
  })
  return flags.goSyntax ? `map[string]interface {}{${parts.join(', ')}}` : `map[${parts.join(' ')}]`
}

function pad(text: string, flags: Flags): string {
  const missing = (flags.width ?? 0) - [...text].length
  if (missing <= 0) return text
  if (flags.minus) return text + ' '.repeat(missing)
  return (flags.zero ? '0' : ' ').repeat(missing) + text
}

function textOf(text: string, verb: string, flags: Flags): string | undefined {
  const { precision } = flags
  const cut = precision === undefined ? text : [...text].slice(0, precision).join('')
  switch (verb) {
    case 'v':
      return flags.goSyntax ? pad(goQuote(cut), flags) : pad(cut, flags)
    case 's':
      return pad(cut, flags)
    case 'q':
      if (flags.sharp && canBackquote(cut)) return pad(`\`${cut}\``, flags)
      return pad(goQuote(cut, '"', flags.plus), flags)
    case 'x':
    case 'X':
      return pad(hexText(Buffer.from(text).subarray(0, precision), verb, flags), flags)
    default:
      return undefined
  }
}

function hexText(bytes: Uint8Array, verb: 'x' | 'X', flags: Flags): string {
  const lead = flags.sharp && bytes.length > 0 ? '0x' : ''
  const between = flags.space ? ` ${lead}` : ''
  const text = lead + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(between)
  return verb === 'X' ? text.toUpperCase() : text
}

const bases: Readonly<Record<string, number>> = { d: 10, v: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }

function integerVerb(value: bigint, verb: string, flags: Flags): string | undefined {
  const base = bases[verb]
  if (base !== undefined) return integerText(value, verb, base, flags)
  const code = value >= 0n && value <= 0x10ffffn ? Number(value) : 0xfffd
  const character = String.fromCodePoint(code >= 0xd800 && code <= 0xdfff ? 0xfffd : code)
  if (verb === 'c') return pad(character, flags)
  if (verb === 'q') return pad(goQuote(character, "'", flags.plus), flags)
  if (verb !== 'U') return undefined
  const hex = BigInt.asUintN(64, value).toString(16).toUpperCase()
  const shown = flags.sharp && value <= 0x10ffffn ? ` '${character}'` : ''
  // The width is filled with blanks only.
  return pad(`U+${hex.padStart(Math.max(4, flags.precision ?? 0), '0')}${shown}`, { ...flags, zero: false })
}

function integerText(value: bigint, verb: string, base: number, flags: Flags): string {
  const sign = value < 0n ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  const plain = { ...flags, zero: false }
  if (flags.precision === 0 && value === 0n) return pad('', plain)
  let digits = (value < 0n ? -value : value).toString(base)
  let least = flags.precision ?? 0
  if (flags.precision === undefined && flags.zero && !flags.minus && flags.width !== undefined) {
    least = flags.width - sign.length
  }
  digits = digits.padStart(least, '0')
  if (flags.sharp && base === 2) digits = `0b${digits}`
  if (flags.sharp && base === 8 && !digits.startsWith('0')) digits = `0${digits}`
  if (flags.sharp && base === 16) digits = `0x${digits}`
  if (verb === 'O') digits = `0o${digits}`
  return pad(sign + (verb === 'X' ? digits.toUpperCase() : digits), plain)
}

function floatVerb(value: number, verb: string, flags: Flags): string | undefined {
  const precision = flags.precision ?? (/[eEfF]/.test(verb) ? 6 : -1)
  let text: string
  switch (verb) {
    case 'v':
    case 'g':
    case 'G':
      text = formatFloat(value, 'g', precision)
      break
    case 'e':
    case 'E':
      text = formatFloat(value, 'e', precision)
      break
    case 'f':
    case 'F':
      text = formatFloat(value, 'f', precision)
      break
    default:
      return undefined
  }
  const signed = /^[+-]/.test(text) ? text : `+${text}`
  const sign = signed.startsWith('+') ? (flags.plus ? '+' : flags.space ? ' ' : '') : '-'
  let digits = signed.slice(1)
  if (!Number.isFinite(value)) {
    // Infinity shows its sign in %+v and when it is negative; NaN has one only where a flag wants one.
    const shown = value === Infinity && !flags.space ? '+' : sign
    return pad(`${Number.isNaN(value) ? sign : shown}${digits}`, { ...flags, zero: false })
  }
  if (flags.sharp) digits = withPoint(digits, verb, flags.precision)
  if (verb === 'G' || verb === 'E') digits = digits.toUpperCase()
  if (!flags.zero || flags.minus) return pad(sign + digits, flags)
  return sign + digits.padStart((flags.width ?? 0) - sign.length, '0')
}

// %#g keeps the zeros at the end, and every verb the point.
function withPoint(text: string, verb: string, precision: number | undefined): string {
  const [mantissa = '', exponent] = text.split('e')
  const tail = exponent === undefined ? '' : `e${exponent}`
  const pointed = mantissa.includes('.') ? mantissa : `${mantissa}.`
  if (verb !== 'g' && verb !== 'G') return pointed + tail
  const significant = pointed.replace(/^0*\.?0*/, '').replace('.', '').length
  const count = significant === 0 ? 1 : significant
  return pointed + '0'.repeat(Math.max(0, (precision ?? 6) - count)) + tail
}
