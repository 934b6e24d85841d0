import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import type { Statement } from '../../../lib/alloy/ast.ts'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { positionAt } from '../../../lib/alloy/source.ts'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'

interface Place {
  readonly severity: string
  readonly file: string
  readonly line: number
}

interface ConfigCase {
  readonly name: string
  readonly file?: string
  readonly files: Readonly<Record<string, string>>
  readonly exit: number
  readonly run_exit?: number
  readonly diagnostics_at?: readonly Place[]
}

const root = process.cwd()
const read = (file: string): ConfigCase[] =>
  JSON.parse(readFileSync(resolve(root, 'fixtures/config', file), 'utf8')) as ConfigCase[]

// Each recorded diagnostic must have one of ours on its line, or inside a block that starts there.
function unmatched(test: ConfigCase, stderr: string): Place[] {
  const ours = [...stderr.matchAll(/^(\S+):(\d+):\d+: (error|warning): /gm)].map(
    ([, file, line, severity]) => ({ file: basename(file!), line: Number(line), severity }),
  )
  return (test.diagnostics_at ?? []).filter((place) => {
    // An imported module goes by its label there, by its file here.
    const file = Object.keys(test.files).find((name) => name === place.file || name === `${place.file}.alloy`)
    if (file === undefined) return true
    const last = Math.max(place.line, ...blockEnds(test.files[file]!, place.line))
    return !ours.some(
      (our) =>
        (our.file === file || our.file === place.file) &&
        our.severity === place.severity &&
        our.line >= place.line &&
        our.line <= last,
    )
  })
}

function blockEnds(text: string, line: number): number[] {
  const { file } = parseFile({ name: 'config', text })
  const ends = (body: readonly Statement[]): number[] =>
    body.flatMap((each) => {
      if (each.kind !== 'block') return []
      const starts = positionAt(file.source, each.range.start).line === line
      return [...(starts ? [positionAt(file.source, each.range.end).line] : []), ...ends(each.body)]
    })
  return ends(file.body)
}

async function check(tap: Test, test: ConfigCase, args: readonly string[] = []): Promise<void> {
  const folder = tap.testdir({})
  for (const [name, text] of Object.entries(test.files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  process.chdir(folder)
  const io = fakeIo()
  const code = await main(['validate', ...args, test.file ?? 'config.alloy'], io)
  process.chdir(root)
  tap.equal(code, test.run_exit ?? test.exit, `exit status\n${io.err()}`)
  tap.same(unmatched(test, io.err()), [], `each place is named\n${io.err()}`)
  tap.equal(io.out(), '', 'nothing on standard output')
}

for (const file of ['validate.json', 'load-errors.json'])
  void t.test(file, async (tap) => {
    for (const test of read(file)) await tap.test(test.name, (inner) => check(inner, test))
  })

void t.test(
  '--logs-only leaves the rest of a config in order, and is advised where it helps',
  async (tap) => {
    const folder = tap.testdir({
      'mixed.alloy': 'prometheus.exporter.self "x" { }\nprometheus.scrape "x" { }\nloki.echo "e" { }\n',
      'bad.alloy': 'prometheus.exporter.self "x" { }\nloki.echo "e" { nope = 1 }\n',
    })
    const run = async (...args: string[]) => {
      const io = fakeIo()
      return { status: await main(['validate', ...args], io), err: io.err() }
    }
    const mixed = join(folder, 'mixed.alloy')
    const refused = await run(mixed)
    tap.equal(refused.status, 1)
    tap.match(
      refused.err,
      /2 problems\nWith --logs-only the config runs, without 2 parts that are not about logs\.\n$/,
    )
    const taken = await run('--logs-only', mixed)
    tap.equal(taken.status, 0)
    tap.match(
      taken.err,
      /mixed\.alloy:1:1: warning: prometheus\.exporter\.self\.x is left out: it isn't about logs/,
    )
    const bad = await run(join(folder, 'bad.alloy'))
    tap.notMatch(bad.err, 'With --logs-only', 'it would not help')
  },
)

void t.test('a push URL without a path is a warning, without a scheme an error at its place', async (tap) => {
  const validate = async (url: string) => {
    const file = join(
      tap.testdir({ 'c.alloy': `loki.write "w" {\n  endpoint {\n    url = "${url}"\n  }\n}\n` }),
      'c.alloy',
    )
    const io = fakeIo()
    return { status: await main(['validate', file], io), err: io.err() }
  }
  for (const url of ['http://loki:3100', 'http://me:planted@loki:3100/']) {
    const { status, err } = await validate(url)
    tap.match(
      err,
      /c\.alloy:3:5: warning: url has no path: pushes go to http:\/\/loki:3100\/loki\/api\/v1\/push; write that, since Alloy would push to "\/"/,
    )
    tap.equal(status, 1)
  }
  tap.match(await validate('loki:3100'), {
    status: 1,
    err: /c\.alloy:3:5: error: endpoint: expected a URL such as .*, found one without http:\/\/ in front/,
  })
  for (const url of ['http://loki:3100/loki/api/v1/push', 'https://proxy/x', 'grpc://loki:9095'])
    tap.same(await validate(url), { status: 0, err: '' })
})

void t.test('a good config is confirmed on a terminal, and nowhere else', async (tap) => {
  const file = join(tap.testdir({ 'c.alloy': '' }), 'c.alloy')
  const io = fakeIo()
  Object.assign(io.stderr, { isTTY: true })
  tap.equal(await main(['validate', file, '--logs-only'], io), 0)
  tap.match(io.err(), /c\.alloy: no problems\n$/)
})

void t.test('diagnostics come in the order of their lines', async (tap) => {
  const text = `loki.process "late" {
	forward_to = [nope.x.receiver]
	stage.regex {
		expression = "("
	}
}
loki.write "w" {
	endpoint {
		url = "http://h"
	}
	typo = 1
}
nope "x" { }
`
  const folder = tap.testdir({ 'c.alloy': text })
  const io = fakeIo()
  tap.equal(await main(['validate', join(folder, 'c.alloy')], io), 1)
  const lines = [...io.err().matchAll(/c\.alloy:(\d+):/g)].map(([, line]) => Number(line))
  tap.ok(lines.length >= 3, io.err())
  tap.same(
    lines,
    lines.toSorted((a, b) => a - b),
  )
})
