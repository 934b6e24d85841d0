/** Writes what a pipeline gave into its test file as the new expectation; all else in the file stays as it is. */
import { isDeepStrictEqual } from 'node:util'
import { isScalar, isSeq, parseDocument, Scalar, type Document, type Node } from 'yaml'
import { parseRfc3339 } from '../go/rfc3339.ts'
import type { TestCase, TestEntry } from './case.ts'
import { compareEntries, compareText } from './compare.ts'
import type { CaseResult } from './run-case.ts'

/** A case of a test file with what it should expect from now on. */
export interface Recording {
  /** Place in the list `tests`. */
  readonly index: number
  readonly test: TestCase
  readonly result: CaseResult
}

type Expectation = Readonly<Record<string, unknown>>

/** The text of the file with the recordings in it. YAML keeps its comments; JSON keeps its indentation. */
export function recordCases(text: string, recordings: readonly Recording[]): string {
  const json = parseJson(text)
  return json === undefined ? recordYaml(text, recordings) : recordJson(text, json, recordings)
}

function parseJson(text: string): unknown {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function recordJson(text: string, root: unknown, recordings: readonly Recording[]): string {
  const { tests } = root as { tests: Record<string, unknown>[] }
  for (const { index, test, result } of recordings) {
    const { expect_error: _, ...rest } = tests[index]!
    tests[index] = { ...rest, expect: expectation(test, result) }
  }
  const indent = /\n([ \t]+)"/.exec(text)?.[1] ?? ''
  return JSON.stringify(root, null, indent) + (text.endsWith('\n') ? '\n' : '')
}

function recordYaml(text: string, recordings: readonly Recording[]): string {
  const document = parseDocument(text)
  for (const { index, test, result } of recordings) {
    const path = ['tests', index]
    document.deleteIn([...path, 'expect_error'])
    if (test.expect === undefined) document.setIn([...path, 'expect'], document.createNode({}))
    const wanted = expectation(test, result)
    const old: Expectation = { ...test.expect }
    change(document, [...path, 'expect'], old, wanted)
  }
  const options = { lineWidth: 0, indentSeq: !/^tests:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*-/m.test(text) }
  return spliced(text, document.toString(options), new Set(recordings.map(({ index }) => index)))
}

// Only what differs is set, deep inside, so that comments on the rest stay.
function change(document: Document, path: readonly unknown[], old: unknown, wanted: unknown): void {
  if (isDeepStrictEqual(old, wanted)) return
  if (Array.isArray(old) && Array.isArray(wanted) && old.length > 0) {
    for (let i = old.length - 1; i >= wanted.length; i--) document.deleteIn([...path, i])
    for (const [i, each] of wanted.entries())
      if (i < old.length) change(document, [...path, i], old[i], each)
      else document.addIn(path, document.createNode(each))
  } else if (isRecord(old) && isRecord(wanted)) {
    for (const name of Object.keys(old)) if (!Object.hasOwn(wanted, name)) document.deleteIn([...path, name])
    for (const [name, value] of Object.entries(wanted)) change(document, [...path, name], old[name], value)
  } else document.setIn(path, yamlNode(document, wanted))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// A plain string goes into the existing node, which keeps its comment.
function yamlNode(document: Document, value: unknown): unknown {
  if (typeof value === 'string' && !value.includes('\n')) return value
  const node = document.createNode(value)
  if (isScalar(node)) node.type = Scalar.BLOCK_LITERAL
  return node
}

// The printer lays everything out anew; cases that were not recorded keep the layout they were written in.
function spliced(text: string, printed: string, changed: ReadonlySet<number>): string {
  const [old, fresh] = [itemsOf(text), itemsOf(printed)]
  let out = text
  for (let i = old.length - 1; i >= 0; i--) {
    if (!changed.has(i)) continue
    const [from, to] = [old[i]!, fresh[i]!]
    out = out.slice(0, from.start) + printed.slice(to.start, to.end) + out.slice(from.end)
  }
  const same = isDeepStrictEqual(toData(out), toData(printed))
  return same ? out : printed
}

function itemsOf(text: string): { start: number; end: number }[] {
  const tests = parseDocument(text).get('tests')
  if (!isSeq(tests)) return []
  return tests.items.map((item) => {
    const [start, , end] = (item as Node).range!
    return { start, end }
  })
}

function toData(text: string): unknown {
  const document = parseDocument(text, { schema: 'failsafe' })
  return document.errors.length > 0 ? undefined : document.toJS()
}

/**
 * What a case expects when it expects what it got: of the same kinds as before, or all that the format has. What holds
 * stays as it was written.
 */
function expectation({ input = [], expect }: TestCase, result: CaseResult): Expectation {
  const timed = input.every(({ timestamp }) => timestamp !== undefined)
  const entries = result.entries.map((entry) => recorded(entry, timed ? undefined : result))
  const kept = expect?.entries !== undefined && compareEntries(expect.entries, result.entries).length === 0
  const internal = expect?.internal_metrics !== undefined
  const wantsMetrics = expect?.metrics !== undefined || (!internal && result.metrics !== '')
  return {
    ...(expect === undefined || expect.entries !== undefined
      ? { entries: kept ? expect.entries : entries }
      : {}),
    ...(wantsMetrics && result.metrics !== '' ? { metrics: keptText(expect?.metrics, result.metrics) } : {}),
    ...(internal ? { internal_metrics: keptText(expect.internal_metrics, result.internal_metrics) } : {}),
  }
}

function keptText(old: string | undefined, found: string): string {
  return old !== undefined && compareText('', old, found).length === 0 ? old : found
}

// An entry without a time got that of this run; the next run would differ.
function recorded(entry: TestEntry, run: CaseResult | undefined): TestEntry {
  const { timestamp, ...rest } = entry
  const at = run === undefined || timestamp === undefined ? undefined : parseRfc3339(timestamp)
  if (at === undefined || run === undefined) return entry
  const ms = at.seconds * 1000 + at.nanos / 1e6
  return ms >= run.began && ms <= run.ended ? rest : entry
}
