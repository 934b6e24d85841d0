/** Sprig's functions of text (https://masterminds.github.io/sprig/strings.html). Lengths and cuts are in bytes. */
import { createHash } from 'node:crypto'
import { Buffer } from 'node:buffer'
import { fixed, variadic } from '../function.ts'
import { isLower, isUpper, lowerOf, titleOf, toLower, toUpper, upperOf } from '../../strings/letters.ts'
import { isSpace, trimSpace } from '../../strings/space.ts'
import { boundedRepeat, boundedReplace, boundedSplit } from '../bounded-text.ts'
import { checkText } from '../limits.ts'
import { sprintOne } from '../print.ts'
import { quote } from '../../strconv/quote.ts'
import { byteLength, byteSlice, fromBytes, isAscii, toBytes, wellFormed } from '../../strings/bytes.ts'
import { trim, trimPrefix, trimSuffix } from '../../strings/edit.ts'
import { type TemplateFunction, type Value, fault, list, map } from '../value.ts'
import { kebabCase, pascalCase, snakeCase } from './case-style.ts'

/** The bytes of a text as characters U+0000 to U+00FF. */
function byteText(text: string): string {
  return isAscii(text) ? text : Buffer.from(toBytes(text)).toString('latin1')
}

function fromByteText(bytes: string): string {
  return isAscii(bytes) ? bytes : fromBytes(Buffer.from(bytes, 'latin1'))
}

function cut(text: string, start: number, end: number): string {
  return byteSlice(text, start, end) ?? outOfRange(start, end, text)
}

function outOfRange(start: number, end: number, text: string): never {
  const length = byteLength(text)
  const bounds = end > length ? `[:${end}] with length ${length}` : `[${start === 0 ? '' : start}:${end}]`
  throw fault(`runtime error: slice bounds out of range ${bounds}`)
}

function trunc(count: number, text: string): string {
  const length = byteLength(text)
  if (count < 0) return length + count > 0 ? cut(text, length + count, length) : text
  return length > count ? cut(text, 0, count) : text
}

function substring(start: number, end: number, text: string): string {
  const length = byteLength(text)
  if (start < 0) return cut(text, 0, end)
  return end < 0 || end > length ? cut(text, start, length) : cut(text, start, end)
}

/** `...` in place of what is before `left` and after `width` bytes; empty where the width is too small for that. */
function abbreviate(text: string, left: number, width: number): string {
  const length = byteLength(text)
  const kept = width - 3
  if (kept < 1 && text !== '') return ''
  if (length <= width) return text
  const offset = length - left < kept ? length - kept : left
  if (offset <= 4) return `${cut(text, 0, kept)}...`
  if (width < 7) return ''
  if (offset + kept >= length) return `...${cut(text, length - kept, length)}`
  return `...${abbreviate(cut(text, offset, length), 0, kept)}`
}

function abbrevBoth(left: number, right: number, text: string): string {
  return right < 4 || (left > 0 && right < 7) ? text : abbreviate(text, left, right)
}

/** The first character of each word, seen byte by byte as the original does. */
function initials(text: string): string {
  let letters = ''
  let gap = true
  for (const char of byteText(text)) {
    const space = isSpace(char.charCodeAt(0))
    if (gap && !space) letters += char
    gap = space
  }
  return letters
}

/** Without white space, again byte by byte: a string with spaces and anything but ASCII comes out garbled, as in Go. */
function noSpace(text: string): string {
  const bytes = byteText(text)
  let kept = ''
  for (const char of bytes) if (!isSpace(char.charCodeAt(0))) kept += char
  return kept.length === bytes.length ? text : kept
}

/** Each word with its first letter small. */
function untitle(text: string): string {
  let mapped = ''
  let start = true
  for (const char of wellFormed(text)) {
    const space = isSpace(char.charCodeAt(0))
    mapped += start && !space ? lowerOf(char) : char
    start = space
  }
  return mapped
}

/** Neither letter, digit nor underscore: what ends a word for `title`. */
function isSeparator(char: string): boolean {
  if (char < '\x80') return !/\w/.test(char)
  return !/[\p{L}\p{Nd}]/u.test(char) && isSpace(char.charCodeAt(0))
}

function title(text: string): string {
  let mapped = ''
  let start = true
  for (const char of wellFormed(text)) {
    mapped += start ? titleOf(char) : char
    start = isSeparator(char)
  }
  return mapped
}

function swapCase(text: string): string {
  let mapped = ''
  let start = true
  for (const char of wellFormed(text)) {
    if (isUpper(char) || /^\p{Lt}$/u.test(char)) {
      mapped += lowerOf(char)
      start = false
    } else if (isLower(char)) {
      mapped += start ? titleOf(char) : upperOf(char)
      start = false
    } else {
      mapped += char
      start = isSpace(char.charCodeAt(0))
    }
  }
  return mapped
}

/** Lines of at most `width` bytes, broken at spaces; longer words are cut only with `cutWords`. */
function wrap(text: string, width: number, lineEnd: string, cutWords: boolean): string {
  const bytes = byteText(text)
  const size = Math.max(width, 1)
  const end = lineEnd === '' ? '\n' : byteText(lineEnd)
  let wrapped = ''
  let at = 0
  while (bytes.length - at > size) {
    if (bytes[at] === ' ') {
      at++
      continue
    }
    let space = bytes.lastIndexOf(' ', at + size)
    let next = space + 1
    if (space < at) {
      space = cutWords ? at + size : bytes.indexOf(' ', at + size)
      next = cutWords ? space : space + 1
      if (space < 0) break
    }
    wrapped += bytes.slice(at, space) + end
    checkText(wrapped.length)
    at = next
  }
  return fromByteText(wrapped + bytes.slice(at))
}

function present(values: Value[]): Value[] {
  return values.filter((value) => value !== null && value !== undefined)
}

function indent(spaces: number, text: string): string {
  const padding = boundedRepeat(' ', spaces)
  return padding + boundedReplace(text, '\n', `\n${padding}`, -1)
}

/** Any value as a list of texts. */
export function textList(value: Value): string[] {
  if (value === null || value === undefined) return []
  if (typeof value === 'object' && value.tag === 'list') return present(value.items).map(sprintOne)
  return [sprintOne(value)]
}

function join(separator: string, value: Value): string {
  const texts = textList(value)
  checkText(texts.reduce((length, text) => length + text.length + separator.length, 0))
  return texts.join(separator)
}

/** `_0`, `_1`, ... as keys of the pieces. */
function numbered(pieces: string[]): Value {
  return map(new Map(pieces.map((piece, i) => [`_${i}`, piece])), 'string')
}

function hexDigest(algorithm: string): TemplateFunction {
  return fixed(['string'], (text) => createHash(algorithm).update(toBytes(text)).digest('hex'))
}

/** The checksum of RFC 1950. */
function adler32(text: string): string {
  let a = 1
  let b = 0
  for (const byte of toBytes(text)) {
    a = (a + byte) % 65521
    b = (b + a) % 65521
  }
  return String(b * 65536 + a)
}

const cases: readonly [string, TemplateFunction][] = [
  ['upper', fixed(['string'], toUpper)],
  ['lower', fixed(['string'], toLower)],
  ['title', fixed(['string'], title)],
  ['untitle', fixed(['string'], untitle)],
  ['swapcase', fixed(['string'], swapCase)],
  ['snakecase', fixed(['string'], snakeCase)],
  ['kebabcase', fixed(['string'], kebabCase)],
  ['camelcase', fixed(['string'], pascalCase)],
  ['initials', fixed(['string'], initials)],
]

const cuts: readonly [string, TemplateFunction][] = [
  ['trim', fixed(['string'], trimSpace)],
  ['trimAll', fixed(['string', 'string'], (set, text) => trim(text, set))],
  ['trimall', fixed(['string', 'string'], (set, text) => trim(text, set))],
  ['trimPrefix', fixed(['string', 'string'], (prefix, text) => trimPrefix(text, prefix))],
  ['trimSuffix', fixed(['string', 'string'], (suffix, text) => trimSuffix(text, suffix))],
  ['trunc', fixed(['int', 'string'], trunc)],
  ['substr', fixed(['int', 'int', 'string'], substring)],
  ['abbrev', fixed(['int', 'string'], (width, text) => (width < 4 ? text : abbreviate(text, 0, width)))],
  ['abbrevboth', fixed(['int', 'int', 'string'], abbrevBoth)],
  ['nospace', fixed(['string'], noSpace)],
  ['split', fixed(['string', 'string'], (separator, text) => numbered(boundedSplit(text, separator, -1)))],
  [
    'splitn',
    fixed(['string', 'int', 'string'], (separator, count, text) =>
      numbered(boundedSplit(text, separator, count)),
    ),
  ],
  [
    'splitList',
    fixed(['string', 'string'], (separator, text) => list(boundedSplit(text, separator, -1), 'string')),
  ],
]

const layouts: readonly [string, TemplateFunction][] = [
  ['repeat', fixed(['int', 'string'], (count, text) => boundedRepeat(text, count))],
  ['indent', fixed(['int', 'string'], indent)],
  ['nindent', fixed(['int', 'string'], (spaces, text) => `\n${indent(spaces, text)}`)],
  ['wrap', fixed(['int', 'string'], (width, text) => wrap(text, width, '', false))],
  ['wrapWith', fixed(['int', 'string', 'string'], (width, end, text) => wrap(text, width, end, true))],
  [
    'quote',
    variadic([], 'any', (...values) =>
      present(values)
        .map((value) => quote(sprintOne(value)))
        .join(' '),
    ),
  ],
  [
    'squote',
    variadic([], 'any', (...values) =>
      present(values)
        .map((value) => `'${sprintOne(value)}'`)
        .join(' '),
    ),
  ],
  ['cat', variadic([], 'any', (...values) => present(values).map(sprintOne).join(' '))],
  ['plural', fixed(['string', 'string', 'int'], (one, many, count) => (count === 1 ? one : many))],
  [
    'replace',
    fixed(['string', 'string', 'string'], (old, fresh, text) => boundedReplace(text, old, fresh, -1)),
  ],
  ['join', fixed(['string', 'any'], join)],
]

const others: readonly [string, TemplateFunction][] = [
  ['hello', fixed([], () => 'Hello!')],
  ['contains', fixed(['string', 'string'], (part, text) => text.includes(part))],
  ['hasPrefix', fixed(['string', 'string'], (part, text) => text.startsWith(part))],
  ['hasSuffix', fixed(['string', 'string'], (part, text) => text.endsWith(part))],
  ['toString', fixed(['any'], sprintOne)],
  ['toStrings', fixed(['any'], (value) => list(textList(value), 'string'))],
  ['sha1sum', hexDigest('sha1')],
  ['sha256sum', hexDigest('sha256')],
  ['sha512sum', hexDigest('sha512')],
  ['adler32sum', fixed(['string'], adler32)],
]

export const stringFunctions: readonly [string, TemplateFunction][] = [
  ...cases,
  ...cuts,
  ...layouts,
  ...others,
]
