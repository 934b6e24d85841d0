/** The README's examples are run as they stand: its TypeScript, its config, its pipeline tests, its commands. */
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { transactionSource } from '../lib/generate/transactions.ts'
import { startFakeLoki } from './support/fake-loki.ts'
import { COMMAND } from './support/service.ts'

const run = promisify(execFile)
const README = readFileSync('README.md', 'utf8')

/** The code blocks of a language, in order. */
function blocks(language: string): string[] {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code!,
  )
}

// Type annotations are all that keeps these examples from being JavaScript, and they have none.
async function runExample(code: string, folder: string, lokiUrl: string): Promise<string> {
  const file = join(folder, 'example.mjs')
  const library = new URL('../lib/index.js', import.meta.url).href
  const split2 = import.meta.resolve('split2')
  writeFileSync(
    file,
    code
      .replaceAll("'logstream-loki'", `'${library}'`)
      .replaceAll("'split2'", `'${split2}'`)
      .replaceAll('http://127.0.0.1:3100', lokiUrl),
  )
  const { stdout } = await run(process.execPath, [file], { cwd: folder })
  return stdout
}

void t.test('the library examples do the job', async (t) => {
  const folder = t.testdir({})
  const next = transactionSource({ seed: 7, badShare: 0.1 })
  const lines = Array.from({ length: 2000 }, (_, i) => next(1_767_225_600_000 + i))
  writeFileSync(join(folder, 'transactions.log'), `${lines.join('\n')}\n`)
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const [ours, nodes] = blocks('ts') as [string, string]

  await runExample(ours, folder, loki.url)
  t.same(
    loki
      .entries()
      .map(({ line }) => line)
      .toSorted(),
    lines.toSorted(),
    'every line arrives once',
  )
  const parsed = loki.entries().filter(({ labels }) => labels.includes('parse_status="success"'))
  t.equal(parsed.length, lines.filter((line) => line.split('|').length === 8).length)
  t.ok(parsed.every(({ labels }) => labels.includes('method="')))

  const printed = await runExample(nodes, folder, loki.url)
  t.equal(printed.trimEnd().split('\n').length, lines.length)
  t.match(printed, /^SUCCESS 2026-01-01\|/m)
})

void t.test('the config is valid and formatted', (t) => {
  const [config] = blocks('alloy') as [string]
  const folder = t.testdir({ 'config.alloy': config })
  const file = join(folder, 'config.alloy')
  t.equal(execFileSync(process.execPath, [COMMAND, 'validate', file], { encoding: 'utf8' }), '')
  t.equal(execFileSync(process.execPath, [COMMAND, 'fmt', file], { encoding: 'utf8' }), config)
  t.end()
})

void t.test('the pipeline tests pass', (t) => {
  const [yaml] = blocks('yaml') as [string]
  const folder = t.testdir({ 'pipeline.test.yaml': yaml })
  const out = execFileSync(process.execPath, [COMMAND, 'test', join(folder, 'pipeline.test.yaml')], {
    encoding: 'utf8',
  })
  t.equal(out, '1 passed, 0 failed\n')
  t.end()
})

void t.test('every error code is in docs/errors.md, and every one there exists', (t) => {
  const codes = [...readFileSync(resolve('lib/errors.ts'), 'utf8').matchAll(/\| '([A-Z_]+)'/g)].map(
    ([, code]) => code,
  )
  const documented = [...readFileSync('docs/errors.md', 'utf8').matchAll(/^\| `([A-Z_]+)`/gm)].map(
    ([, code]) => code,
  )
  t.same(new Set(documented), new Set(codes))
  t.ok(codes.length > 5)
  t.end()
})

void t.test('files that the README links to are there', (t) => {
  for (const [, path] of README.matchAll(/\]\((?!http)([^)#]+)\)/g)) t.ok(existsSync(path!), `${path}`)
  t.end()
})
