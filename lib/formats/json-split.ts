/** Cuts a JSON array or object into the texts of what is in it, byte for byte, without building values from them. */

const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** As in Go's encoding/json. */
const DEEPEST = 10_000

const WORD = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y

/** What may come next. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end'

function skipSpace(text: string, from: number): number {
  let at = from
  for (;;) {
    const code = text.charCodeAt(at)
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return at
    at++
  }
}

/** The end of the string that opens here; -1 if it is malformed. */
function stringEnd(text: string, open: number): number {
  let at = open + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) return at + 1
    if (code < 32) return -1
    if (code !== BACKSLASH) at++
    else {
      ESCAPE.lastIndex = at
      if (!ESCAPE.test(text)) return -1
      at = ESCAPE.lastIndex
    }
  }
  return -1
}

/** The end of the string, number or word that begins here; -1 if there is none. */
function scalarEnd(text: string, at: number): number {
  if (text.charCodeAt(at) === QUOTE) return stringEnd(text, at)
  WORD.lastIndex = at
  return WORD.test(text) ? WORD.lastIndex : -1
}

/** Reads tokens until the value that begins at `start` is over. */
class ValueScan {
  readonly #text: string
  readonly #open: number[] = []
  #expected: Expected = 'value'
  at: number

  constructor(text: string, start: number) {
    this.#text = text
    this.at = start
  }

  /** Returns false if the text is malformed; otherwise `at` is after the value. */
  run(): boolean {
    do {
      this.at = skipSpace(this.#text, this.at)
      if (!this.#token(this.#text.charCodeAt(this.at))) return false
    } while (this.#open.length > 0)
    return true
  }

  #token(code: number): boolean {
    const expected = this.#expected
    if (expected === 'comma or end') {
      if (code !== COMMA) return this.#close(code)
      this.at++
      this.#expected = this.#open.at(-1) === OPEN_LIST ? 'value' : 'key'
      return true
    }
    if (expected === 'colon') {
      this.at++
      this.#expected = 'value'
      return code === COLON
    }
    if (expected === 'key' || expected === 'key or end') {
      if (code !== QUOTE) return expected === 'key or end' && this.#close(code)
      this.#expected = 'colon'
      return this.#scalar()
    }
    if (expected === 'value or end' && code === CLOSE_LIST) return this.#close(code)
    return this.#value(code)
  }

  #value(code: number): boolean {
    if (code !== OPEN_LIST && code !== OPEN_OBJECT) {
      this.#expected = 'comma or end'
      return this.#scalar()
    }
    this.at++
    this.#expected = code === OPEN_LIST ? 'value or end' : 'key or end'
    return this.#open.push(code) < DEEPEST
  }

  #close(code: number): boolean {
    if (code !== (this.#open.at(-1) === OPEN_LIST ? CLOSE_LIST : CLOSE_OBJECT)) return false
    this.at++
    this.#open.pop()
    this.#expected = 'comma or end'
    return true
  }

  #scalar(): boolean {
    this.at = scalarEnd(this.#text, this.at)
    return this.at >= 0
  }
}

/** The texts of the elements of a JSON array; undefined for malformed texts and for anything else than an array. */
// array = "[" [ value { "," value } ] "]"
export function splitJsonArray(text: string): string[] | undefined {
  let at = skipSpace(text, 0)
  if (text.charCodeAt(at) !== OPEN_LIST) return undefined
  const elements: string[] = []
  at = skipSpace(text, at + 1)
  if (text.charCodeAt(at) === CLOSE_LIST) return endsAt(text, at + 1) ? elements : undefined
  for (;;) {
    const start = skipSpace(text, at)
    const scan = new ValueScan(text, start)
    if (!scan.run()) return undefined
    elements.push(text.slice(start, scan.at))
    at = skipSpace(text, scan.at)
    const code = text.charCodeAt(at)
    if (code === CLOSE_LIST) return endsAt(text, at + 1) ? elements : undefined
    if (code !== COMMA) return undefined
    at++
  }
}

function endsAt(text: string, at: number): boolean {
  return skipSpace(text, at) === text.length
}

/** The texts of the values of a JSON object, by name; undefined for malformed texts and for anything else than an object. */
// object = "{" [ string ":" value { "," string ":" value } ] "}"
export function splitJsonObject(text: string): ReadonlyMap<string, string> | undefined {
  let at = skipSpace(text, 0)
  if (text.charCodeAt(at) !== OPEN_OBJECT) return undefined
  const members = new Map<string, string>()
  at = skipSpace(text, at + 1)
  if (text.charCodeAt(at) === CLOSE_OBJECT) return endsAt(text, at + 1) ? members : undefined
  for (;;) {
    const open = skipSpace(text, at)
    const keyEnd = text.charCodeAt(open) === QUOTE ? stringEnd(text, open) : -1
    if (keyEnd < 0) return undefined
    const colon = skipSpace(text, keyEnd)
    if (text.charCodeAt(colon) !== COLON) return undefined
    const start = skipSpace(text, colon + 1)
    const scan = new ValueScan(text, start)
    if (!scan.run()) return undefined
    members.set(JSON.parse(text.slice(open, keyEnd)) as string, text.slice(start, scan.at))
    at = skipSpace(text, scan.at)
    const code = text.charCodeAt(at)
    if (code === CLOSE_OBJECT) return endsAt(text, at + 1) ? members : undefined
    if (code !== COMMA) return undefined
    at++
  }
}
