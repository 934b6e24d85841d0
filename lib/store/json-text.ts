/**
 * Finds a text in a JSON line by its name, as Loki finds levels: in the order of the line, in objects one level deep at
 * most, without a look at what comes after it. A line that isn't JSON counts up to there.
 */

/** Objects in the line's own object are looked into, those in them aren't. */
const MAX_DEPTH = 2

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const BACKSLASH = 0x5c
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN = 0x7b
const CLOSE = 0x7d

/** The text as it's written, escapes and all; undefined without one. */
export function textInJson(line: string, names: ReadonlySet<string>): string | undefined {
  const found = textInObject(line, names, 0, 1)
  return found === BROKEN ? undefined : found
}

/** What a search gives up with. */
const BROKEN = Symbol('not JSON')

function textInObject(
  line: string,
  names: ReadonlySet<string>,
  start: number,
  depth: number,
): string | undefined | typeof BROKEN {
  let at = afterBlanks(line, afterBlanks(line, start) + 1)
  for (;;) {
    if (line.charCodeAt(at) === CLOSE) return undefined
    if (line.charCodeAt(at) !== QUOTE) return BROKEN
    const keyEnd = stringEnd(line, at)
    const name = keyEnd === -1 ? undefined : unescaped(line.slice(at + 1, keyEnd - 1))
    if (name === undefined) return BROKEN
    at = afterBlanks(line, keyEnd)
    if (line.charCodeAt(at) !== COLON) return BROKEN
    at = afterBlanks(line, at + 1)
    const end = valueEnd(line, at)
    if (end === -1) return BROKEN
    const kind = line.charCodeAt(at)
    if (kind === QUOTE && names.has(name)) return line.slice(at + 1, end - 1)
    if (kind === OPEN && depth < MAX_DEPTH) {
      const found = textInObject(line, names, at, depth + 1)
      if (found !== undefined) return found
    }
    at = afterBlanks(line, end)
    if (line.charCodeAt(at) === COMMA) at = afterBlanks(line, at + 1)
    else if (line.charCodeAt(at) !== CLOSE) return BROKEN
  }
}

function afterBlanks(line: string, start: number): number {
  let at = start
  for (; ; at++) {
    const code = line.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return at
  }
}

/** After the quote that ends the string which begins at `start`; -1 without one. */
function stringEnd(line: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = line.indexOf('"', at)
    if (at === -1) return -1
    let escapes = 0
    while (line.charCodeAt(at - escapes - 1) === BACKSLASH && at - escapes - 1 > start) escapes++
    if (escapes % 2 === 0) return at + 1
  }
}

function valueEnd(line: string, start: number): number {
  const code = line.charCodeAt(start)
  if (code === QUOTE) return stringEnd(line, start)
  if (code === OPEN) return blockEnd(line, start, OPEN, CLOSE)
  if (code === OPEN_LIST) return blockEnd(line, start, OPEN_LIST, CLOSE_LIST)
  const word = /[^ \n\r\t,}\]]*/y
  word.lastIndex = start
  const text = word.exec(line)![0]
  return /^(?:true|false|null|[-\d].*)$/s.test(text) ? start + text.length : -1
}

function blockEnd(line: string, start: number, open: number, close: number): number {
  let depth = 0
  for (let at = start; at < line.length; at++) {
    const code = line.charCodeAt(at)
    if (code === QUOTE) {
      at = stringEnd(line, at) - 1
      if (at < 0) return -1
    } else if (code === open) depth++
    else if (code === close && --depth === 0) return at + 1
  }
  return -1
}

function unescaped(text: string): string | undefined {
  if (!text.includes('\\')) return text
  try {
    return JSON.parse(`"${text}"`) as string
  } catch {
    return undefined
  }
}
