/** Reads logfmt as Loki does: a bad pair is skipped up to the next blank, and the last mistake is remembered. */
import { unquote } from '../../go/strconv/quote.ts'

const QUOTE = 34
const EQUALS = 61
const BACKSLASH = 92

/** Reads pairs one after the other; one serves for many lines. */
export class LogfmtReader {
  #line = ''
  #at = 0
  key = ''
  value = ''
  #reason = ''
  #badAt = 0

  start(line: string): void {
    this.#line = line
    this.#at = 0
    this.#reason = ''
  }

  /** What was wrong last, with the place in bytes from 1; undefined if nothing was. */
  get problem(): string | undefined {
    if (this.#reason === '') return undefined
    const bytes = Buffer.byteLength(this.#line.slice(0, this.#badAt))
    return `logfmt syntax error at pos ${bytes + 1} : ${this.#reason}`
  }

  get done(): boolean {
    return this.#at >= this.#line.length
  }

  /** Takes the next pair; false at the end and for a bad one. */
  // pair = key [ "=" [ value | '"' quoted '"' ] ]
  read(): boolean {
    this.key = ''
    this.value = ''
    const line = this.#line
    while (line.charCodeAt(this.#at) <= 32) this.#at++
    if (this.#at >= line.length) return false
    const start = this.#at
    for (; this.#at < line.length; this.#at++) {
      const code = line.charCodeAt(this.#at)
      if (code === EQUALS) return this.#readAssigned(start)
      if (code === QUOTE) return this.#fail(`unexpected '"'`)
      if (code <= 32) break
    }
    return this.#takeKey(start)
  }

  #takeKey(start: number): boolean {
    this.key = this.#line.slice(start, this.#at)
    if (!this.key.includes('\ufffd')) return true
    this.#note('invalid key')
    return false
  }

  #readAssigned(start: number): boolean {
    if (this.#at === start) return this.#fail("unexpected '='")
    if (!this.#takeKey(start)) {
      this.#skipValue()
      return false
    }
    this.#at++
    const line = this.#line
    if (line.charCodeAt(this.#at) === QUOTE) return this.#readQuoted()
    const from = this.#at
    for (; this.#at < line.length; this.#at++) {
      const code = line.charCodeAt(this.#at)
      if (code === EQUALS || code === QUOTE) return this.#fail(`unexpected '${line[this.#at]}'`)
      if (code <= 32) break
    }
    this.value = line.slice(from, this.#at)
    return true
  }

  #readQuoted(): boolean {
    const line = this.#line
    const start = this.#at
    let escaped = false
    for (let at = start + 1; at < line.length; at++) {
      const code = line.charCodeAt(at)
      if (code === BACKSLASH) {
        escaped = true
        at++
      } else if (code === QUOTE) {
        this.#at = at + 1
        return escaped ? this.#unescape(line.slice(start, at + 1)) : this.#plain(line.slice(start + 1, at))
      }
    }
    this.#at = line.length
    this.#note('unterminated quoted value')
    return false
  }

  #plain(value: string): boolean {
    this.value = value
    return true
  }

  #unescape(quoted: string): boolean {
    const value = unescapeQuoted(quoted)
    if (value === undefined) {
      this.#note('invalid quoted value')
      return false
    }
    this.value = value
    return true
  }

  #fail(problem: string): boolean {
    this.#note(problem)
    this.#skipValue()
    return false
  }

  #skipValue(): void {
    while (this.#at < this.#line.length && this.#line.charCodeAt(this.#at) > 32) this.#at++
  }

  #note(reason: string): void {
    this.#reason = reason
    this.#badAt = this.#at
  }
}

/** JSON's escapes and `\'`; control characters make it invalid. */
function unescapeQuoted(quoted: string): string | undefined {
  if (/[\0-\x1f]/.test(quoted)) return undefined
  if (/\\(?:[^bfnrtu"'/\\]|u(?![\da-fA-F]{4}))/.test(quoted.replaceAll('\\\\', ''))) return undefined
  const surrogates = /\\u[dD][89a-fA-F][\da-fA-F]{2}/.test(quoted)
  const text = quoted.replaceAll(/\\(\\|\/|')/g, (_, mark: string) => (mark === '\\' ? '\\\\' : mark))
  if (!surrogates) return unquote(text)
  try {
    return (JSON.parse(text) as string).replaceAll(/\p{Cs}/gu, '\ufffd')
  } catch {
    return undefined
  }
}
