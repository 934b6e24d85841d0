import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { pagesOf } from '../../../lib/docs/markdown.ts'
import { references } from '../../../lib/docs/reference.ts'
import { fakeIo } from '../../support/fake-io.ts'

async function docs(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo()
  const code = await main(['docs', ...args], io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('all there is', async (tap) => {
  const { code, out } = await docs()
  tap.equal(code, 0)
  for (const { name } of references()) tap.match(out, `\n  ${name} `)
  tap.same(
    out.split('\n').filter((line) => line.length > 100),
    [],
    'fits',
  )
})

void t.test('one of it', async (tap) => {
  for (const name of ['stage.regex', 'regex'])
    tap.match(await docs(name), {
      code: 0,
      out: /^stage\.regex {2}stage, generally-available\n[^]*\n {2}expression {2}string {2}required\n/,
    })
  tap.match((await docs('loki.write')).out, '  max_backoff_period  duration  = "5m0s"\n')
  tap.match(JSON.parse((await docs('--json', 'loki.write')).out), { name: 'loki.write', kind: 'component' })
  tap.equal((JSON.parse((await docs('--json')).out) as unknown[]).length, references().length)
})

void t.test('guides', async (tap) => {
  tap.match((await docs()).out, /\nGuides\n[^]* troubleshooting\n/)
  tap.match(await docs('troubleshooting'), { code: 0, out: /^# Troubleshooting\n/ })
  tap.match((await docs('docker')).out, /^stage\.docker /, 'a stage first')
  tap.match((await docs('docker.md')).out, /^# With Docker Compose\n/)
  tap.match(await docs('trubleshooting'), { code: 1, err: /Did you mean troubleshooting\?/ })
})

void t.test('what there is not', async (tap) => {
  tap.match(await docs('loki.wirte'), {
    code: 1,
    err: /there is no "loki.wirte"\. Did you mean loki\.write\?/,
  })
  tap.match(await docs('regx'), { code: 1, err: /Did you mean regex\?/ })
  tap.match(await docs('loki.source.windowsevent'), {
    code: 1,
    err: /does not have loki\.source\.windowsevent: let a forwarder/,
  })
  tap.match(await docs('zzzzzzzz'), { code: 1, err: /there is no "zzzzzzzz"\. See: logstream docs\n/ })
  tap.match(await docs('a', 'b'), { code: 1, err: /takes one NAME/ })
})

void t.test('--write', async (tap) => {
  const folder = tap.testdir({ 'old.md': '', 'keep.txt': '' })
  writeFileSync(join(folder, 'stages.md'), 'old')
  tap.match(await docs('--write', folder), { code: 0, out: '' })
  const pages = pagesOf(references())
  tap.same(readdirSync(folder).sort(), [...pages.keys(), 'keep.txt'].sort())
  tap.equal(readFileSync(join(folder, 'stages.md'), 'utf8'), pages.get('stages.md'))
})
