/** Sprig's snakecase, kebabcase and camelcase, with the word rules of github.com/huandu/xstrings 1.5. */
import { isLetter, isUpper, lowerOf, upperOf } from '../../strings/letters.ts'
import { isSpace } from '../../strings/space.ts'

type WordKind = 'number' | 'upper' | 'letters' | 'connector' | 'punctuation' | 'other' | 'none'

function isConnector(char: string): boolean {
  return char === '-' || char === '_' || isSpace(char.charCodeAt(0))
}

/** A letter, unless it is a Chinese character, which has no case. */
function isAlphabet(char: string): boolean {
  return isLetter(char) && !/[\u4e00-\u9fcc\u3400-\u4d85\u{20000}-\u{2b81d}]/u.test(char)
}

function isNumber(char: string): boolean {
  return /^\p{N}$/u.test(char)
}

function isPunctuation(char: string): boolean {
  return /^\p{P}$/u.test(char)
}

interface Word {
  kind: WordKind
  text: string
}

/** Where the run of characters that pass ends. */
function runEnd(chars: readonly string[], start: number, passes: (char: string) => boolean): number {
  let end = start
  while (end < chars.length && passes(chars[end] ?? '')) end++
  return end
}

function isOther(char: string): boolean {
  return !(isConnector(char) || isAlphabet(char) || isNumber(char) || isPunctuation(char))
}

/** Capitals, of which the last belongs to the next word if small letters follow: HTTP + Server. */
function capitalsEnd(chars: readonly string[], at: number): number {
  const second = chars[at + 1] ?? ''
  if (isUpper(second)) {
    const end = runEnd(chars, at + 1, isUpper)
    return end < chars.length && isAlphabet(chars[end] ?? '') ? end - 1 : end
  }
  return isAlphabet(second) ? runEnd(chars, at + 1, (char) => isAlphabet(char) && !isUpper(char)) : at + 1
}

function wordAt(chars: readonly string[], at: number): { kind: WordKind; end: number } {
  const first = chars[at] ?? ''
  if (isConnector(first)) return { kind: 'connector', end: runEnd(chars, at, isConnector) }
  if (isPunctuation(first)) return { kind: 'punctuation', end: runEnd(chars, at, isPunctuation) }
  if (isUpper(first)) return { kind: 'upper', end: capitalsEnd(chars, at) }
  if (isAlphabet(first)) {
    return { kind: 'letters', end: runEnd(chars, at, (char) => isAlphabet(char) && !isUpper(char)) }
  }
  if (isNumber(first)) return { kind: 'number', end: runEnd(chars, at, isNumber) }
  return { kind: 'other', end: runEnd(chars, at + 1, isOther) }
}

const noWord: Word = { kind: 'none', text: '' }

function wordsOf(text: string): Word[] {
  const chars = [...text]
  const words: Word[] = []
  for (let at = 0; at < chars.length;) {
    const { kind, end } = wordAt(chars, at)
    words.push({ kind, text: chars.slice(at, end).join('') })
    at = end
  }
  return words
}

/** A word in small letters; of capitals and connectors every character is mapped, of the rest none. */
function small({ kind, text }: Word, connector: string): string {
  if (kind !== 'upper' && kind !== 'connector') return text
  let mapped = ''
  for (const char of text) mapped += isConnector(char) ? connector : isUpper(char) ? lowerOf(char) : char
  return mapped
}

function isBreak(kind: WordKind): boolean {
  return kind === 'connector' || kind === 'punctuation'
}

/** Reads words from a list and writes them with connectors; the position is that of the current word. */
interface Joiner {
  readonly words: readonly Word[]
  at: number
  out: string
  readonly connector: string
}

function current(joiner: Joiner): Word {
  return joiner.words[joiner.at] ?? noWord
}

/** Writes the letters and numbers that stick to a number, up to the next break. */
function takeSticky(joiner: Joiner): void {
  while (current(joiner).kind === 'letters' || current(joiner).kind === 'number') {
    joiner.out += small(current(joiner), joiner.connector)
    joiner.at++
  }
  const { kind } = current(joiner)
  if (kind !== 'none' && !isBreak(kind)) joiner.out += joiner.connector
}

/** After a word: a number belongs to it (`Bld4_floor`), unless small letters follow the number (`http_2xx`). */
function afterWord(joiner: Joiner): void {
  const next = current(joiner)
  if (next.kind !== 'number') {
    if (!isBreak(next.kind)) joiner.out += joiner.connector
    return
  }
  if (joiner.at >= joiner.words.length - 1) return
  joiner.at++
  const following = current(joiner)
  if (following.kind !== 'letters') {
    joiner.out += next.text
    if (!isBreak(following.kind)) joiner.out += joiner.connector
    return
  }
  joiner.out += joiner.connector + next.text
  takeSticky(joiner)
}

function separated(text: string, connector: string): string {
  const joiner: Joiner = { words: wordsOf(text), at: 0, out: '', connector }
  while (joiner.at < joiner.words.length - 1) {
    const word = current(joiner)
    if (word.kind !== 'connector') joiner.out += small(word, connector)
    joiner.at++
    if (word.kind === 'number') takeSticky(joiner)
    else if (word.kind === 'connector') joiner.out += small(word, connector)
    else if (word.kind !== 'punctuation') afterWord(joiner)
  }
  return joiner.out + small(current(joiner), connector)
}

/** `FirstName` as `first_name`. */
export function snakeCase(text: string): string {
  return separated(text, '_')
}

/** `FirstName` as `first-name`. */
export function kebabCase(text: string): string {
  return separated(text, '-')
}

/** `http_server` as `HttpServer`; connectors at the start stay. */
export function pascalCase(text: string): string {
  const chars = [...text]
  const start = chars.findIndex((char) => !isConnector(char))
  // The original writes the last of nothing but connectors twice.
  if (start < 0) return text + (chars.at(-1) ?? '')
  let out = chars.slice(0, start).join('')
  // True within a run of capitals, whose letters after the first become small.
  let capitals = isUpper(chars[start] ?? '')
  let last = upperOf(chars[start] ?? '')
  for (const char of chars.slice(start + 1)) {
    const previous = last
    last = char
    if (isConnector(previous)) {
      if (isConnector(char)) {
        out += previous
        continue
      }
      capitals = isUpper(char)
      last = upperOf(char)
      continue
    }
    if (capitals && isUpper(char)) last = lowerOf(char)
    else capitals = false
    out += previous
  }
  return out + last
}
