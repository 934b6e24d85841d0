/** Go's fmt verbs for one number, text or character, with flags, width and precision. */
import { formatFloat, type FloatVerb } from '../strconv/float.ts'
import { checkText } from './limits.ts'
import { quote, quoteChar, quoteToAscii } from '../strconv/quote.ts'
import { toBytes, wellFormed } from '../strings/bytes.ts'
import { isPrint } from '../strings/print.ts'

/** The flags of one verb. `#v` and `+v` are flags of their own, which leave `sharp` and `plus` off. */
export interface Flags {
  minus: boolean
  plus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  goSyntax: boolean
  width: number | undefined
  precision: number | undefined
}

export function noFlags(): Flags {
  return {
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    goSyntax: false,
    width: undefined,
    precision: undefined,
  }
}

/** Characters, not bytes: Go pads by runes. */
function runeCount(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

/** The text padded to the width; zeros only to the left. */
export function pad(text: string, flags: Flags, zero = flags.zero): string {
  if (flags.width === undefined) return text
  const missing = flags.width - runeCount(text)
  if (missing <= 0) return text
  checkText(missing)
  return flags.minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text
}

/** The first `precision` characters. */
function truncated(text: string, flags: Flags): string {
  if (flags.precision === undefined || text.length <= flags.precision) return text
  let kept = ''
  let left = flags.precision
  for (const char of text) {
    if (--left < 0) break
    kept += char
  }
  return kept
}

function hexBytes(text: string, flags: Flags, upper: boolean): string {
  const bytes = toBytes(text).subarray(0, flags.precision)
  if (bytes.length === 0) return pad('', flags)
  checkText(bytes.length * 5)
  const prefix = flags.sharp ? '0x' : ''
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
  const joined = flags.space ? digits.map((pair) => prefix + pair).join(' ') : prefix + digits.join('')
  return pad(upper ? joined.toUpperCase() : joined, flags)
}

/** A string under a verb; undefined for a verb that strings don't have. */
export function formatText(text: string, verb: string, flags: Flags): string | undefined {
  switch (verb) {
    case 's':
      return pad(truncated(text, flags), flags)
    case 'v':
      return flags.goSyntax ? formatText(text, 'q', flags) : pad(truncated(text, flags), flags)
    case 'q': {
      const kept = truncated(text, flags)
      // A raw literal, if one can hold the text.
      const canBackquote = flags.sharp && wellFormed(kept) === kept && !/[^\P{Cc}\t]|[`\ufeff]/u.test(kept)
      return pad(canBackquote ? `\`${kept}\`` : flags.plus ? quoteToAscii(kept) : quote(kept), flags)
    }
    case 'x':
    case 'X':
      return hexBytes(text, flags, verb === 'X')
    default:
      return undefined
  }
}

const bases = new Map([
  ['v', 10],
  ['d', 10],
  ['b', 2],
  ['o', 8],
  ['O', 8],
  ['x', 16],
  ['X', 16],
])

function basePrefix(verb: string, digits: string, flags: Flags): string {
  if (verb === 'O') return flags.sharp && !digits.startsWith('0') ? '0o0' : '0o'
  if (!flags.sharp) return ''
  if (verb === 'o') return digits.startsWith('0') ? '' : '0'
  return verb === 'b' ? '0b' : verb === 'x' || verb === 'X' ? `0${verb}` : ''
}

function digitsOf(value: bigint, verb: string, base: number, flags: Flags): string {
  const negative = value < 0n
  const digits = (negative ? -value : value).toString(base)
  let least = flags.precision ?? 0
  if (flags.precision === undefined && flags.zero && !flags.minus && flags.width !== undefined) {
    // Zeros fill the width, less the sign.
    least = flags.width - (negative || flags.plus || flags.space ? 1 : 0)
  }
  checkText(least)
  const filled = digits.padStart(least, '0')
  const sign = negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  return sign + basePrefix(verb, filled, flags) + filled
}

function unicodeName(value: bigint, flags: Flags): string {
  const unsigned = BigInt.asUintN(64, value)
  const digits = unsigned
    .toString(16)
    .toUpperCase()
    .padStart(Math.max(4, flags.precision ?? 0), '0')
  const char = flags.sharp && unsigned <= 0x10ffffn ? String.fromCodePoint(Number(unsigned)) : ''
  return `U+${digits}${char !== '' && isPrint(char) ? ` '${char}'` : ''}`
}

function runeFrom(value: bigint): number {
  return value >= 0n && value <= 0x10ffffn && !(value >= 0xd800n && value <= 0xdfffn) ? Number(value) : 0xfffd
}

/** An integer under a verb; undefined for a verb that integers don't have. */
export function formatInteger(value: bigint, verb: string, flags: Flags): string | undefined {
  if (verb === 'c') return pad(String.fromCodePoint(runeFrom(value)), flags)
  if (verb === 'q') return pad(quoteChar(runeFrom(value), flags.plus), flags)
  if (verb === 'U') return pad(unicodeName(value, flags), flags, false)
  const base = bases.get(verb)
  if (base === undefined) return undefined
  // A precision of 0 prints no 0.
  const text = flags.precision === 0 && value === 0n ? '' : digitsOf(value, verb, base, flags)
  return pad(verb === 'X' ? text.toUpperCase() : text, flags, false)
}

const floatVerbs = new Map<string, [FloatVerb, number]>([
  ['v', ['g', -1]],
  ['g', ['g', -1]],
  ['G', ['G', -1]],
  ['b', ['b', -1]],
  ['x', ['x', -1]],
  ['X', ['X', -1]],
  ['f', ['f', 6]],
  ['F', ['f', 6]],
  ['e', ['e', 6]],
  ['E', ['E', 6]],
])

/** `%#g` and its kin keep the point and the zeros after it. */
function withPoint(text: string, verb: string, precision: number): string {
  const cut = text.search(verb === 'x' || verb === 'X' ? /[pP]/ : /[eEpP]/)
  const tail = cut < 0 ? '' : text.slice(cut)
  let number = cut < 0 ? text : text.slice(0, cut)
  let wanted = 0
  if ('vgGx'.includes(verb)) {
    wanted = precision < 0 ? 6 : precision
    wanted -= number.replace(/^[+-]/, '').replace('.', '').replace(/^0+/, '').length
    if (/^[+-]?0$/.test(number)) wanted--
  }
  if (!number.includes('.')) number += '.'
  return number + '0'.repeat(Math.max(wanted, 0)) + tail
}

/** A float under a verb; undefined for a verb that floats don't have. */
export function formatNumber(value: number, verb: string, flags: Flags): string | undefined {
  const known = floatVerbs.get(verb)
  if (known === undefined) return undefined
  const precision = flags.precision ?? known[1]
  checkText(precision)
  let text = formatFloat(value, known[0], precision)
  const isFinite = Number.isFinite(value)
  if (flags.sharp && known[0] !== 'b' && isFinite) text = withPoint(text, verb, precision)
  const signed = /^[+-]/.test(text)
  const sign = text.startsWith('-') ? '-' : flags.plus ? '+' : flags.space ? ' ' : ''
  // An infinity always has its sign, unless a space was asked for instead.
  const shown = sign === '' && text === '+Inf' ? '+' : sign
  const digits = signed ? text.slice(1) : text
  if (isFinite && flags.zero && !flags.minus && flags.width !== undefined) {
    checkText(flags.width)
    return shown + digits.padStart(flags.width - shown.length, '0')
  }
  return pad(shown + digits, flags, false)
}
