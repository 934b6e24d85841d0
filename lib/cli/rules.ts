/** `logstream rules`: checks rule files, and runs unit tests of rules. */
import { readFileSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { LogstreamError, reasonOf } from '../errors.ts'
import { problemText } from '../rules/file/problems.ts'
import { readRules } from '../rules/file/read-rules.ts'
import { RuleFolder } from '../rules/rule-folder.ts'
import type { RuleGroup } from '../rules/rule.ts'
import { runTest } from '../rules/unit-test/run-test.ts'
import { readTests, type TestFile } from '../rules/unit-test/test-file.ts'
import { plural } from '../formats/plural.ts'
import { readArgs } from './args.ts'
import type { Command } from './command.ts'
import { EXIT, type Io } from './io.ts'

type Action = (file: string, io: Io) => Promise<boolean>

const ACTIONS: Readonly<Record<string, Action>> = { check, test }

export const rulesCommand: Command = {
  usage: ['logstream rules check FILE|FOLDER...', 'logstream rules test FILE...'],
  about: `
check   reads rule files, or those of a folder (*.yaml, *.yml), and names every
        mistake with file:line:column.

test    runs unit tests of rules. The files have promtool's format, with lines of
        streams for its series (docs/alerting.md):

  rule_files: [alerts.yaml]
  evaluation_interval: 1m
  tests:
    - input_streams:
        - labels: '{app="shop"}'
          lines: [{ line: "level=error", every: 10s, times: 60 }]
      alert_rule_test:
        - eval_time: 10m
          alertname: ManyErrors
          exp_alerts: [{ exp_labels: { app: shop } }]
      logql_expr_test:
        - expr: sum(count_over_time({app="shop"}[5m]))
          eval_time: 5m
          exp_samples: [{ labels: '{}', value: 30 }]`,
  flags: {},
  notes: 'Exit status: 0 if nothing is wrong, else 1.',
  words: ['check', 'test'],
  run: async (args, io) => {
    const given = readArgs('rules', args, {})
    const [name = '', ...files] = given.words
    const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined
    if (action === undefined || files.length === 0)
      throw new LogstreamError(
        'BAD_USAGE',
        'rules takes "check FILE|FOLDER..." or "test FILE...". See: logstream rules --help',
      )
    let failed = false
    for (const file of files) if (!(await action(file, io))) failed = true
    return failed ? EXIT.usage : EXIT.ok
  },
}

async function check(path: string, io: Io): Promise<boolean> {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  const files = isFolder ? await new RuleFolder(path).read() : [{ path, text: readText(path) }]
  if (files.length === 0)
    throw new LogstreamError('IO', `${path} holds no rule files: expected *.yaml or *.yml`)
  let failed = false
  for (const file of files) {
    const { groups, problems } = readRules(file.path, file.text)
    for (const problem of problems) io.stdout.write(`${problemText(problem)}\n`)
    failed ||= problems.length > 0
    const rules = groups.reduce((sum, group) => sum + group.rules.length, 0)
    if (problems.length === 0)
      io.stdout.write(`${file.path}: ${plural(rules, 'rule')} in ${plural(groups.length, 'group')}\n`)
  }
  return !failed
}

async function test(file: string, io: Io): Promise<boolean> {
  const { file: tests, problems } = readTests(file, readText(file))
  const rules = rulesOf(tests, dirname(file))
  const mistakes = [...problems.sorted().map(problemText), ...rules.problems]
  if (mistakes.length > 0) {
    for (const mistake of mistakes) io.stdout.write(`${mistake}\n`)
    return false
  }
  let failed = 0
  for (const each of tests.tests) {
    const failures = await runTest(each, { groups: rules.groups, evaluationMs: tests.evaluationMs })
    if (failures.length > 0) failed++
    for (const { node, message } of failures) problems.at(node, `${each.name}: ${message}`)
  }
  for (const problem of problems.sorted()) io.stdout.write(`${problemText(problem)}\n`)
  io.stdout.write(`${file}: ${tests.tests.length - failed} passed, ${failed} failed\n`)
  return failed === 0
}

function rulesOf(
  { ruleFiles }: TestFile,
  folder: string,
): { readonly groups: readonly RuleGroup[]; readonly problems: readonly string[] } {
  const read = ruleFiles.map((name) => {
    const path = isAbsolute(name) ? name : join(folder, name)
    return readRules(path, readText(path))
  })
  return {
    groups: read.flatMap(({ groups }) => groups),
    problems: read.flatMap(({ problems }) => problems.map(problemText)),
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `cannot read ${file}: ${reasonOf(error)}`, { cause: error })
  }
}
