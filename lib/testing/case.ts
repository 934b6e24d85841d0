/** The format of pipeline unit tests: what a file may hold, checked as it is read, with the place of what is wrong. */
import { parseDocument, LineCounter } from 'yaml'
import { LogstreamError, messageOf } from '../errors.ts'

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

/** The cases of a test file in JSON or YAML. Throws BAD_INPUT naming file, line and what was expected. */
export function readCases(name: string, text: string): readonly TestCase[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, strict: false, logLevel: 'error' })
  const [problem] = document.errors
  if (problem !== undefined) {
    const { line, col } = lines.linePos(problem.pos[0])
    throw new LogstreamError(
      'BAD_INPUT',
      `${name}:${line}:${col}: expected JSON or YAML: ${problem.message.split('\n')[0]}`,
    )
  }
  let root: unknown
  try {
    root = text.trimStart().startsWith('{') ? JSON.parse(text) : document.toJS({ maxAliasCount: 1000 })
  } catch (error) {
    throw new LogstreamError('BAD_INPUT', `${name}: ${messageOf(error)}`, { cause: error })
  }
  const tests = (root as { tests?: unknown } | null)?.tests
  if (!Array.isArray(tests))
    throw new LogstreamError('BAD_INPUT', `${name}: expected {"tests": [...]}, found no list "tests"`)
  return tests.map((test, i) => checkCase(name, i, test))
}

function checkCase(file: string, index: number, test: unknown): TestCase {
  const bad = (message: string): LogstreamError =>
    new LogstreamError('BAD_INPUT', `${file}: test ${index + 1}: ${message}`)
  if (typeof test !== 'object' || test === null) throw bad('expected an object')
  const given = test as Record<string, unknown>
  const unknown = Object.keys(given).find((key) => !CASE_KEYS.has(key))
  if (unknown !== undefined) throw bad(`unknown key "${unknown}": expected ${[...CASE_KEYS].join(', ')}`)
  if (typeof given['name'] !== 'string') throw bad('expected a text "name"')
  const inline = typeof given['pipeline'] === 'string'
  const fromConfig = typeof given['config'] === 'string' && typeof given['component'] === 'string'
  if (inline === fromConfig) throw bad('expected either "pipeline", or "config" and "component"')
  if ((given['expect'] === undefined) === (given['expect_error'] === undefined))
    throw bad('expected either "expect" or "expect_error"')
  return test as TestCase
}
