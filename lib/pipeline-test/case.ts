/** The format of pipeline unit tests: what a file may hold, checked as it is read, with the place of what is wrong. */
import { isNode, LineCounter, parseDocument } from 'yaml'
import { LogstreamError, messageOf } from '../errors.ts'
import { parseRfc3339 } from '../go/rfc3339.ts'

export interface TestEntry {
  readonly line: string
  /** RFC 3339. Left out of an input: the present; left out of an expectation: any. */
  readonly timestamp?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly structured_metadata?: Readonly<Record<string, string>>
}

export interface TestExpectation {
  readonly entries?: readonly TestEntry[]
  /** Text exposition of the metrics of `stage.metrics`. */
  readonly metrics?: string
  /** Text exposition of the built-in counters of `loki.process`. */
  readonly internal_metrics?: string
}

export interface TestCase {
  readonly name: string
  /** The body of a `loki.process` block ... */
  readonly pipeline?: string
  /** ... or a real config, relative to the test file, and the id of a `loki.process` in it. */
  readonly config?: string
  readonly component?: string
  readonly input?: readonly TestEntry[]
  readonly expect?: TestExpectation
  /** `true`: the pipeline is refused; a text: and the message contains it. */
  readonly expect_error?: boolean | string
}

const CASE_KEYS = new Set(['name', 'pipeline', 'config', 'component', 'input', 'expect', 'expect_error'])
/** What the program that a case was recorded from said; for people. */
const NOTE_KEYS = new Set(['alloy_says'])
const EXPECT_KEYS = new Set(['entries', 'metrics', 'internal_metrics'])
const ENTRY_KEYS = new Set(['line', 'timestamp', 'labels', 'structured_metadata'])

/**
 * The cases of a test file in JSON or YAML; in YAML everything is the text that was written, `200` too. With
 * `recording` a case may be without an expectation. Throws BAD_INPUT naming file, line and what was expected.
 */
export function readCases(name: string, text: string, recording = false): readonly TestCase[] {
  const tests = (readDocument(name, text) as { tests?: unknown } | null)?.tests
  if (!Array.isArray(tests))
    throw new LogstreamError('BAD_INPUT', `${name}: expected {"tests": [...]}, found no list "tests"`)
  return tests.map((test, i) => checkCase(name, i, test, recording))
}

function readDocument(name: string, text: string): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text)
    } catch {
      // YAML may begin with a brace too, and its parser says where the mistake is.
    }
  }
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    strict: false,
    logLevel: 'error',
    schema: 'failsafe',
  })
  const [problem] = document.errors
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0])
    throw new LogstreamError(
      'BAD_INPUT',
      `${name}:${line}:${col}: expected JSON or YAML: ${problem.message.split('\n')[0]}`,
    )
  }
  try {
    return document.toJS({ maxAliasCount: 1000 })
  } catch (error) {
    throw new LogstreamError('BAD_INPUT', `${name}: ${messageOf(error)}`, { cause: error })
  }
}

/** Returns the line on which a case of a file begins. */
export function lineOfCase(text: string, index: number): number | undefined {
  const lines = new LineCounter()
  const node = parseDocument(text, { lineCounter: lines, strict: false, logLevel: 'error' }).getIn(
    ['tests', index],
    true,
  )
  return isNode(node) && node.range ? lines.linePos(node.range[0]).line : undefined
}

function checkCase(file: string, index: number, test: unknown, recording: boolean): TestCase {
  const bad = (message: string): LogstreamError =>
    new LogstreamError('BAD_INPUT', `${file}: test ${index + 1}: ${message}`)
  if (!isRecord(test)) throw bad(`expected an object, found ${kindOf(test)}`)
  const given = withFlag(test)
  const unknown = Object.keys(given).find((key) => !CASE_KEYS.has(key) && !NOTE_KEYS.has(key))
  if (unknown !== undefined) throw bad(`unknown key "${unknown}": expected ${[...CASE_KEYS].join(', ')}`)
  if (typeof given['name'] !== 'string') throw bad('expected a text "name"')
  const inline = typeof given['pipeline'] === 'string'
  const fromConfig = typeof given['config'] === 'string' && typeof given['component'] === 'string'
  if (inline === fromConfig) throw bad('expected either "pipeline", or "config" and "component"')
  const { input, expect, expect_error } = given
  const expectations = [expect, expect_error].filter((each) => each !== undefined).length
  if (expectations > 1 || (expectations === 0 && !recording))
    throw bad('expected either "expect" or "expect_error"')
  checkEntries('input', input, bad)
  if (expect !== undefined) {
    if (!isRecord(expect)) throw bad(`expect: expected an object, found ${kindOf(expect)}`)
    checkKeys('expect', expect, EXPECT_KEYS, bad)
    checkEntries('expect.entries', expect['entries'], bad)
    for (const key of ['metrics', 'internal_metrics']) checkText(`expect.${key}`, expect[key], bad)
  }
  return given as Record<string, unknown> & TestCase
}

// YAML is read as texts only.
function withFlag(test: Record<string, unknown>): Record<string, unknown> {
  return test['expect_error'] === 'true' ? { ...test, expect_error: true } : test
}

type Bad = (message: string) => LogstreamError

function checkEntries(where: string, entries: unknown, bad: Bad): void {
  if (entries === undefined) return
  if (!Array.isArray(entries)) throw bad(`${where}: expected a list of entries, found ${kindOf(entries)}`)
  for (const [i, entry] of entries.entries()) {
    const at = `${where}[${i}]`
    if (!isRecord(entry)) throw bad(`${at}: expected an object with a "line", found ${kindOf(entry)}`)
    checkKeys(at, entry, ENTRY_KEYS, bad)
    if (typeof entry['line'] !== 'string')
      throw bad(`${at}.line: expected a text, found ${kindOf(entry['line'])}`)
    checkTime(`${at}.timestamp`, entry['timestamp'], bad)
    for (const key of ['labels', 'structured_metadata']) checkTexts(`${at}.${key}`, entry[key], bad)
  }
}

function checkTime(where: string, time: unknown, bad: Bad): void {
  checkText(where, time, bad)
  if (typeof time === 'string' && parseRfc3339(time) === undefined)
    throw bad(`${where}: expected a time such as 2026-01-01T00:00:00Z, found "${time}"`)
}

function checkTexts(where: string, texts: unknown, bad: Bad): void {
  if (texts === undefined) return
  if (!isRecord(texts)) throw bad(`${where}: expected names and texts, found ${kindOf(texts)}`)
  for (const [name, value] of Object.entries(texts)) checkText(`${where}.${name}`, value, bad)
}

function checkText(where: string, value: unknown, bad: Bad): void {
  if (value === undefined || typeof value === 'string') return
  throw bad(`${where}: expected a text, found ${kindOf(value)}: put it in quotes`)
}

function checkKeys(where: string, object: object, known: ReadonlySet<string>, bad: Bad): void {
  const unknown = Object.keys(object).find((key) => !known.has(key))
  if (unknown !== undefined)
    throw bad(`${where}: unknown key "${unknown}": expected ${[...known].join(', ')}`)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (value === null) return 'null'
  return typeof value === 'object'
    ? Array.isArray(value)
      ? 'a list'
      : 'an object'
    : `the ${typeof value} ${JSON.stringify(value)}`
}
