/**
 * Finds several paths in a JSON text in one pass, with the leniency of Loki's reader (`EachKey` of
 * github.com/grafana/jsonparser): it stops once every path is found, so mistakes further on go unnoticed, as do broken
 * values of keys that no path asks for.
 */
import {
  JSON_PROBLEMS,
  type JsonPart,
  type JsonProblem,
  blockEnd,
  skipBlanks,
  stringEnd,
} from './json-scan.ts'
import { arrayItem, unescapeJson, valueAt, walkObject } from './json-scan.ts'

/** Keys and indexes. */
export type JsonPath = readonly (string | number)[]

/** Told the index of the path and its value, or a problem. */
export type FoundListener = (path: number, value: JsonPart | JsonProblem) => void

const COLON = 58

export function findPaths(text: string, paths: readonly JsonPath[], found: FoundListener): void {
  new Search(text, paths, found).run()
}

class Search {
  readonly #text: string
  readonly #paths: readonly JsonPath[]
  readonly #found: FoundListener
  readonly #done: boolean[]
  readonly #deepest: number
  /** The key at each level of the place where the search is. */
  readonly #place: (string | number)[] = []
  #left: number
  #level = 0

  constructor(text: string, paths: readonly JsonPath[], found: FoundListener) {
    this.#text = text
    this.#paths = paths
    this.#found = found
    this.#done = paths.map(() => false)
    this.#left = paths.length
    this.#deepest = Math.max(...paths.map((path) => path.length))
  }

  run(): void {
    for (let at = 0; at >= 0 && at < this.#text.length && this.#left > 0;) at = this.#step(at)
  }

  /** Returns where to continue, or -1 to stop. */
  #step(at: number): number {
    switch (this.#text[at]) {
      case '"':
        return this.#string(at)
      case '[':
        return this.#array(at)
      case '{':
        this.#level++
        break
      case '}':
      case ']':
        this.#level--
        break
      default:
    }
    return at + 1
  }

  #string(start: number): number {
    const end = stringEnd(this.#text, start + 1)
    if (end < 0) return -1
    const next = skipBlanks(this.#text, end)
    if (next >= this.#text.length) return -1
    return this.#text.charCodeAt(next) === COLON
      ? this.#key(this.#text.slice(start + 1, end - 1), next)
      : next
  }

  #key(written: string, colon: number): number {
    const key = unescapeJson(written)
    if (key === undefined) return -1
    const level = this.#level
    if (level > this.#deepest) return colon + 1
    if (level < 1) return this.#broken()
    this.#place[level - 1] = key
    for (const [i, path] of this.#paths.entries()) {
      if (path.length !== level || this.#done[i] || path[level - 1] !== key || !this.#isOn(path)) continue
      this.#settle(i)
      this.#found(i, valueAt(this.#text, colon + 1))
    }
    return colon + 1
  }

  #array(start: number): number {
    const level = this.#level
    if (level < 0) return this.#broken()
    const wanted = this.#paths.flatMap((path, i) =>
      typeof path[level] === 'number' && !this.#done[i] && this.#isOn(path) ? [i] : [],
    )
    // Keys inside other arrays don't count.
    if (wanted.length === 0) return blockEnd(this.#text, start, 91, 93)
    const array = this.#text.slice(start)
    for (const i of wanted) {
      const path = this.#paths[i]!
      const item = arrayItem(array, path[level] as number)
      if (item === undefined || typeof item === 'string') continue
      this.#settle(i)
      const value = valueIn(item, path.slice(level + 1))
      if (value !== undefined) this.#found(i, value)
    }
    const end = blockEnd(this.#text, start, 91, 93)
    return end < 0 ? this.#text.length : end
  }

  /** Whether the place of the search, without its last key, lies on a path. */
  #isOn(path: JsonPath): boolean {
    for (let i = 0; i < this.#level && i < path.length; i++) if (path[i] !== this.#place[i]) return false
    return true
  }

  #settle(path: number): void {
    this.#done[path] = true
    this.#left--
  }

  #broken(): number {
    this.#found(-1, JSON_PROBLEMS.malformed)
    return -1
  }
}

function valueIn(item: JsonPart, path: JsonPath): JsonPart | JsonProblem | undefined {
  let part: JsonPart | JsonProblem | undefined = item
  for (const step of path) {
    if (part === undefined || typeof part === 'string') return undefined
    if (typeof step === 'number') part = part.kind === 'array' ? arrayItem(part.text, step) : undefined
    else part = part.kind === 'object' ? memberOf(part.text, step) : undefined
  }
  return part
}

function memberOf(text: string, key: string): JsonPart | undefined {
  let found: JsonPart | undefined
  walkObject(text, (name, value) => {
    if (name !== key) return 'next'
    found = value
    return 'stop'
  })
  return found
}
