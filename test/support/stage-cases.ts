/** Runs recorded cases of `fixtures/stages/` in a tap test; one assertion a case. */
import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import { standardLibrary } from '../../lib/alloy/stdlib/index.ts'
import { readCases } from '../../lib/pipeline-test/case.ts'
import { compareCase } from '../../lib/pipeline-test/compare.ts'
import { runCase } from '../../lib/pipeline-test/run-case.ts'
import { columnsOf } from './columns-of.ts'

/** Asserts every case of `fixtures/stages/<name>.json`, over entries and over columns. */
export async function recordedCases(t: Test, name: string): Promise<void> {
  const file = `fixtures/stages/${name}.json`
  const stdlib = standardLibrary({
    stability: 'experimental',
    env: {},
    hostname: 'test',
    os: 'linux',
    arch: 'amd64',
    version: 'v0.0.0',
  })
  for (const test of readCases(file, readFileSync(file, 'utf8'))) {
    t.same(compareCase(test, await runCase(test, stdlib)), [], test.name)
    const overColumns = await runCase(test, stdlib, { feed: columnsOf })
    t.same(compareCase(test, overColumns), [], `${test.name}, over columns`)
  }
}
