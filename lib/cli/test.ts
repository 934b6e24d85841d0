/** `logstream test`: runs pipeline unit tests. */
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { LogstreamError, messageOf } from '../errors.ts'
import { readCases, type TestCase } from '../testing/case.ts'
import { compareCase } from '../testing/compare.ts'
import { runCase } from '../testing/run-case.ts'
import { readArgs } from './args.ts'
import { EXIT, type Command } from './io.ts'
import { hostLibrary } from './host-library.ts'

export const testCommand: Command = {
  help: `
Usage: logstream test [--verbose] FILE...

Runs the pipeline unit tests of JSON or YAML files: each gives lines to the body
of a loki.process block and says which entries and metrics must come out.

  tests:
    - name: the level becomes a label
      pipeline: |
        stage.regex  { expression = "^(?P<level>\\\\w+)" }
        stage.labels { values = { level = "" } }
      input:  [{ line: "warn disk is full" }]
      expect: { entries: [{ line: "warn disk is full", labels: { level: warn } }] }

In place of a pipeline, config and component name a real config, relative to FILE,
and the id of a loki.process in it (config: main.alloy, component:
loki.process.NAME). expect_error (true, or a part of the message) in place of
input and expect: the pipeline must be refused. All entries, labels, metadata and
metrics must match.

  -v, --verbose   also name the tests that passed

Ends with the line "N passed, N failed". Exit status: 0 all passed, 1 not all.
`,
  run: async (args, io) => {
    const given = readArgs('test', args, { verbose: { type: 'boolean', short: 'v' } })
    if (given.words.length === 0)
      throw new LogstreamError('BAD_USAGE', 'test needs at least one FILE. See: logstream test --help')
    const library = hostLibrary(io.env, 'experimental')
    let passed = 0
    let failed = 0
    for (const file of given.words) {
      for (const test of readTestFile(file)) {
        const differences = compareCase(test, await runCase(test, library, dirname(file)))
        if (differences.length === 0) {
          passed++
          if (given.flag('verbose')) io.stdout.write(`ok      ${file}: ${test.name}\n`)
        } else {
          failed++
          io.stdout.write(
            `FAILED  ${file}: ${test.name}\n${differences.map((line) => `        ${line}\n`).join('')}`,
          )
        }
      }
    }
    io.stdout.write(`${passed} passed, ${failed} failed\n`)
    return failed === 0 ? EXIT.ok : EXIT.usage
  },
}

function readTestFile(file: string): readonly TestCase[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `cannot read ${file}: ${messageOf(error)}`, { cause: error })
  }
  return readCases(file, text)
}
