/** Text encodings, by name or byte order mark, and how a line ends in each. */
import { createRequire } from 'node:module'
import type * as Iconv from 'iconv-lite'
import { LogstreamError } from '../errors.ts'

const require = createRequire(import.meta.url)

export interface TextEncoding {
  readonly name: string
  /** Bytes of a line feed; lines start at multiples of it. */
  readonly unit: 1 | 2 | 4
  /** Which byte of the unit is 0x0A; the others are 0. */
  readonly feedAt: number
  /** Decodes whole lines; `undefined` for UTF-8, which has faster ways. */
  readonly decode: ((bytes: Uint8Array) => string) | undefined
}

/** Invalid bytes become U+FFFD. */
export const UTF8: TextEncoding = { name: 'utf-8', unit: 1, feedAt: 0, decode: undefined }

export interface ByteOrderMark {
  readonly encoding: string
  readonly length: number
}

// The four-byte ones first: FF FE begins the mark of UTF-32LE too.
const MARKS: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ['utf-32le', [0xff, 0xfe, 0, 0]],
  ['utf-32be', [0, 0, 0xfe, 0xff]],
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
]

/** The byte order mark that `bytes` begin with at `start`, if any. */
export function markOf(bytes: Uint8Array, start: number, end: number): ByteOrderMark | undefined {
  // Most files begin with something else: a text, a digit, a bracket.
  const first = bytes[start]!
  if (first > 0 && first < 0xef) return undefined
  for (const [encoding, mark] of MARKS)
    if (end - start >= mark.length && mark.every((byte, i) => bytes[start + i] === byte))
      return { encoding, length: mark.length }
  return undefined
}

/**
 * Returns an encoding by its IANA name; '' is UTF-8. UTF-16 and UTF-32 without a byte order are big-endian (RFC 2781).
 * Throws `LogstreamError` BAD_ARGUMENT for an unknown name.
 */
export function encodingNamed(name: string): TextEncoding {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (plain === '' || plain === 'utf8') return UTF8
  // Loaded on first use, since it takes 30 ms. Not by import(): a wrong name must be an error when a component is built.
  const { decode, encodingExists } = require('iconv-lite') as typeof Iconv
  const known = plain === 'utf16' || plain === 'utf32' ? `${plain}be` : name
  if (!encodingExists(known))
    throw new LogstreamError(
      'BAD_ARGUMENT',
      `expected the IANA name of an encoding, as in "UTF-16LE" or "windows-1252", found "${name}"`,
      { option: 'encoding' },
    )
  const unit = /^(?:utf16|ucs2)/.test(plain) ? 2 : /^(?:utf32|ucs4)/.test(plain) ? 4 : 1
  const feedAt = unit > 1 && known.toLowerCase().endsWith('be') ? unit - 1 : 0
  return { name: known, unit, feedAt, decode: (bytes) => decode(bytes, known, { stripBOM: false }) }
}
