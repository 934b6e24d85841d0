/** What differs between an expectation and a result, as lines a person can read. */
import { isDeepStrictEqual } from 'node:util'
import type { TestCase, TestEntry } from './case.ts'
import type { CaseRefusal, CaseResult } from './run-case.ts'

/** The differences, one a line; empty when the case holds. */
export function compareCase(test: TestCase, result: CaseResult | CaseRefusal): string[] {
  if ('refused' in result) return compareRefusal(test, result.refused)
  if (test.expect_error !== undefined) return ['expected the pipeline to be refused, but it was built']
  const { entries, metrics, internal_metrics } = test.expect ?? {}
  const differences = entries === undefined ? [] : compareEntries(entries, result.entries)
  if (metrics !== undefined || (entries !== undefined && internal_metrics === undefined))
    differences.push(...compareText('metrics', metrics ?? '', result.metrics))
  if (internal_metrics !== undefined)
    differences.push(...compareText('internal metrics', internal_metrics, result.internal_metrics))
  if (result.ledger !== '') differences.push(result.ledger)
  return differences
}

function compareRefusal(test: TestCase, refused: string): string[] {
  if (test.expect_error === undefined) return ['the pipeline was refused:', ...refused.split('\n')]
  if (typeof test.expect_error !== 'string' || refused.includes(test.expect_error)) return []
  return [`expected an error with ${JSON.stringify(test.expect_error)}, found:`, ...refused.split('\n')]
}

function compareEntries(expected: readonly TestEntry[], found: readonly TestEntry[]): string[] {
  const differences: string[] = []
  for (let i = 0; i < Math.max(expected.length, found.length); i++) {
    const want = expected[i]
    const got = found[i]
    if (want === undefined) differences.push(`+ entry ${i + 1} was not expected: ${JSON.stringify(got)}`)
    else if (got === undefined) differences.push(`- entry ${i + 1} is missing: ${JSON.stringify(want)}`)
    else differences.push(...compareEntry(i + 1, want, got))
  }
  return differences
}

function compareEntry(number: number, want: TestEntry, got: TestEntry): string[] {
  const differences: string[] = []
  const field = (name: string, expected: unknown, found: unknown): void => {
    if (!isDeepStrictEqual(expected, found))
      differences.push(
        `  entry ${number}, ${name}:`,
        `  - ${JSON.stringify(expected)}`,
        `  + ${JSON.stringify(found)}`,
      )
  }
  field('line', want.line, got.line)
  if (want.timestamp !== undefined) field('timestamp', want.timestamp, got.timestamp)
  field('labels', want.labels ?? {}, got.labels ?? {})
  field('structured metadata', want.structured_metadata ?? {}, got.structured_metadata ?? {})
  return differences
}

function compareText(name: string, expected: string, found: string): string[] {
  if (expected.trimEnd() === found.trimEnd()) return []
  const want = linesOf(expected)
  const got = linesOf(found)
  const missing = want.filter((line) => !got.includes(line)).map((line) => `  - ${line}`)
  const more = got.filter((line) => !want.includes(line)).map((line) => `  + ${line}`)
  if (missing.length + more.length === 0) return [`  ${name}: the same lines in another order or number`]
  return [`  ${name}:`, ...missing, ...more]
}

function linesOf(text: string): string[] {
  return text.trimEnd() === '' ? [] : text.trimEnd().split('\n')
}
