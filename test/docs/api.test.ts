/** `npm run docs:api`: every export of the library has a docstring, and is in docs/api.json. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

interface ExportsOf {
  readonly import: string
  readonly exports: readonly { readonly name: string; readonly text: string }[]
}

const folder = mkdtempSync(join(tmpdir(), 'logstream-api-'))
t.teardown(() => rmSync(folder, { recursive: true }))
const made = spawnSync(process.execPath, ['build/api.js', folder], { encoding: 'utf8' })
const exportsIn = (path: string): readonly ExportsOf[] =>
  JSON.parse(readFileSync(join(path, 'api.json'), 'utf8')) as readonly ExportsOf[]
const namesIn = (path: string): readonly string[] =>
  exportsIn(path).flatMap(({ import: from, exports }) => exports.map(({ name }) => `${from} ${name}`))

void t.test('it is made', (tap) => {
  tap.equal(made.status, 0, made.stderr)
  const names = namesIn(folder)
  for (const name of [' fileTail', ' pipeline', '/pino lokiStream', '/winston LokiTransport'])
    tap.ok(names.includes(`logstream-loki${name}`), name)
  tap.end()
})

void t.test('every export has a docstring', (tap) => {
  const undocumented = exportsIn(folder).flatMap(({ exports }) => exports.filter(({ text }) => text === ''))
  tap.same(undocumented, [])
  tap.end()
})

void t.test('the reference has every export', (tap) => {
  tap.same(namesIn('docs'), namesIn(folder), 'else: npm run docs:api')
  tap.end()
})
