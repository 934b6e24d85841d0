/** `logstream test`: runs pipeline unit tests. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Value } from '../alloy/value.ts'
import type { Stability } from '../component/component.ts'
import { writeAtomic } from '../disk/atomic.ts'
import { LogstreamError, reasonOf } from '../errors.ts'
import { lineOfCase, readCases, type TestCase } from '../pipeline-test/case.ts'
import { compareCase } from '../pipeline-test/compare.ts'
import { recordCases, type Recording } from '../pipeline-test/record.ts'
import {
  isFailed,
  reporterOf,
  summary,
  type CaseReport,
  type Reporter,
  type ReporterName,
} from '../pipeline-test/report.ts'
import { runCase, type CaseRefusal, type CaseResult } from '../pipeline-test/run-case.ts'
import { annotate } from './annotate.ts'
import { readArgs } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { STABILITY_FLAG, stabilityOf } from './stability.ts'

const REPORTERS: readonly ReporterName[] = ['default', 'tap', 'json', 'junit']

const FLAGS: Flags = {
  verbose: { short: 'v', doc: 'also name the tests that passed' },
  update: { doc: 'write what came out into the files as the expectation' },
  reporter: { value: 'NAME', takes: REPORTERS, doc: 'default, tap, json or junit' },
  'logs-only': { doc: "leave out of configs what isn't about logs" },
  'stability.level': {
    ...STABILITY_FLAG,
    doc: 'generally-available, public-preview or experimental (default)',
  },
}

export const testCommand: Command = {
  usage: ['logstream test [flags] FILE...'],
  about: `
Runs pipeline unit tests from JSON or YAML files (of a folder: *.test.json,
*.test.yaml, *.test.yml). Each test feeds lines to the body of a loki.process block
and says which entries and metrics must come out.

  tests:
    - name: the level becomes a label
      pipeline: |
        stage.regex  { expression = "^(?P<level>info|warn|error) " }
        stage.labels { values = { level = "" } }
      input:  [{ line: "warn disk is full" }]
      expect: { entries: [{ line: "warn disk is full", labels: { level: warn } }] }

Instead of a pipeline, config and component name a real config, relative to FILE,
and the id of a loki.process in it, preceded by its module if it is in one:

      config: main.alloy
      component: transactions.pipeline.prod/loki.process.transactions

expect_error (true, or part of the message) instead of expect: the pipeline must be
refused. All entries, their order, labels, metadata and metrics must match; an
expected entry without a timestamp matches any.`,
  flags: FLAGS,
  notes: `
The last line is "N passed, N failed"; with a reporter for programs it goes to
standard error. Exit status: 0 if all passed, else 1.`,
  words: 'file',
  run: async (args, io) => {
    const given = readArgs('test', args, FLAGS)
    if (given.words.length === 0)
      throw new LogstreamError('BAD_USAGE', 'test needs at least one FILE. See: logstream test --help')
    const stability = stabilityOf(given.text('stability.level') ?? 'experimental')
    const run: Run = {
      reporter: reporterOf(reporterName(given.text('reporter')), given.flag('verbose')),
      update: given.flag('update'),
      stability,
      logsOnly: given.flag('logs-only'),
      stdlib: hostLibrary(io.env, stability),
      reports: [],
      io,
    }
    for (const file of given.words.flatMap(filesOf)) await runFile(file, run)
    io.stdout.write(run.reporter.end(run.reports))
    const out = run.reporter.machine ? io.stderr : io.stdout
    out.write(`${summary(run.reports)}\n`)
    return run.reports.some(isFailed) ? EXIT.usage : EXIT.ok
  },
}

interface Run {
  readonly reporter: Reporter
  readonly update: boolean
  readonly stability: Stability
  readonly logsOnly: boolean
  readonly stdlib: ReadonlyMap<string, Value>
  readonly reports: CaseReport[]
  readonly io: Io
}

function reporterName(text = 'default'): ReporterName {
  if (REPORTERS.includes(text as ReporterName)) return text as ReporterName
  throw new LogstreamError('BAD_USAGE', `--reporter takes one of ${REPORTERS.join(', ')}, found "${text}"`)
}

/** What a test of alerting rules has, which `logstream rules test` runs. */
const TESTS_RULES = /^\s*"?rule_files"?\s*:/m

/** The test files of a path from the command line. Throws IO for a folder without any. */
function filesOf(path: string): string[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.test\.(json|ya?ml)$/.test(name) && !/(^|[\\/])node_modules[\\/]/.test(name))
    .filter((name) => !TESTS_RULES.test(readFileSync(join(path, name), 'utf8')))
    .sort()
  if (names.length === 0)
    throw new LogstreamError(
      'IO',
      `expected *.test.json, *.test.yaml or *.test.yml files in ${path}, found none`,
    )
  return names.map((name) => join(path, name))
}

async function runFile(file: string, run: Run): Promise<void> {
  let text: string
  let tests: readonly TestCase[]
  try {
    text = readFileSync(file, 'utf8')
    tests = readCases(file, text, run.update)
  } catch (error) {
    const message =
      error instanceof LogstreamError ? error.message : `cannot read ${file}: ${reasonOf(error)}`
    return report({ file, name: 'the file', differences: [message], recorded: false, ms: 0 }, run)
  }
  const recordings: Recording[] = []
  for (const [index, test] of tests.entries()) {
    const began = performance.now()
    const { differences, recording } = await runOne(index, test, file, run)
    if (recording !== undefined) recordings.push(recording)
    const ms = Math.round(performance.now() - began)
    if (differences.length > 0) annotateCase(file, text, index, test, differences, run.io)
    report({ file, name: test.name, differences, recorded: recording !== undefined, ms }, run)
  }
  if (recordings.length > 0) await writeAtomic(file, recordCases(text, recordings), { mode: modeOf(file) })
}

async function runOne(
  index: number,
  test: TestCase,
  file: string,
  { update, stability, logsOnly, stdlib }: Run,
): Promise<{ differences: readonly string[]; recording?: Recording }> {
  let result: CaseResult | CaseRefusal
  try {
    result = await runCase(test, stdlib, { folder: dirname(file), stability, logsOnly })
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    return { differences: error.message.split('\n') }
  }
  const differences = compareCase(test, result)
  // A refused pipeline is a mistake in the pipeline, not something a test should learn to expect.
  if (!update || 'refused' in result || result.ledger !== '') return { differences }
  const holds = differences.length === 0 && test.expect !== undefined
  return holds ? { differences } : { differences: [], recording: { index, test, result } }
}

function report(result: CaseReport, { reporter, reports, io }: Run): void {
  reports.push(result)
  io.stdout.write(reporter.one(result, reports.length))
}

function modeOf(file: string): number {
  return statSync(file).mode & 0o777
}

function annotateCase(
  file: string,
  text: string,
  index: number,
  { name }: TestCase,
  differences: readonly string[],
  io: Io,
): void {
  const message = differences.join('\n').trim()
  annotate({ severity: 'error', file, line: lineOfCase(text, index), title: name, message }, io)
}
