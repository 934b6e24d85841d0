/** `logstream check` on whole configs; growth and limits have tests of their own. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { CheckReport } from '../../../lib/check/report.ts'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'

const WRITE = `loki.write "default" {
	endpoint { url = "http://127.0.0.1:9/loki/api/v1/push" }
	external_labels = { host = "web-1" }
}
`

function config(stages: string, more = ''): string {
  return `loki.source.file "app" {
	targets    = [{__path__ = "/var/log/app/*.log", job = "app"}]
	forward_to = [loki.process.app.receiver]
}
loki.process "app" {
	forward_to = [loki.write.default.receiver]
	${stages}
}
${more}${WRITE}`
}

async function check(
  tap: Test,
  text: string,
  lines: readonly string[],
  ...flags: string[]
): Promise<{ code: number; out: string; err: string }> {
  const folder = tap.testdir({ 'c.alloy': text })
  const io = fakeIo(lines.map((line) => `${line}\n`).join(''))
  const code = await main(['check', '--sample', '-', ...flags, join(folder, 'c.alloy')], io)
  return { code, out: io.out(), err: io.err() }
}

async function report(
  tap: Test,
  text: string,
  lines: readonly string[],
  ...flags: string[]
): Promise<CheckReport> {
  const { out, err } = await check(tap, text, lines, '--format', 'json', ...flags)
  tap.equal(err, '')
  return JSON.parse(out) as CheckReport
}

const START = Date.UTC(2026, 10, 1)
const PARSE = `stage.regex { expression = "^(?P<time>\\\\S+) (?P<level>[A-Z]+) request=(?P<request>\\\\S+)" }
	stage.timestamp {
		source = "time"
		format = "RFC3339"
	}
`
/** A line a second, with a trace of an exception after every tenth. */
function appLines(count: number): string[] {
  return Array.from({ length: count }, (_, i) => {
    const line = `${new Date(START + i * 1000).toISOString()} ${i % 3 === 0 ? 'WARN' : 'INFO'} request=r${i}`
    return i % 10 === 9 ? [line, 'java.lang.NullPointerException'] : [line]
  }).flat()
}

void t.test('a good config', async (tap) => {
  const text = config(`${PARSE}	stage.labels { values = { level = "" } }`)
  const { code, out } = await check(tap, text, appLines(100))
  tap.equal(code, 0)
  tap.match(out, 'standard input: 110 lines')
  tap.match(out, 'labels  {filename="/var/log/app/*.log", job="app"}')
  tap.match(
    out,
    /Not parsed {2}10 lines of 110 \(9\.1 %\)\n {2}stage\.regex .*c\.alloy:7: does not match: 10 of 110 \(9\.1 %\), first line 11:\n {4}java\.lang\.NullPointerException/,
  )
  tap.match(
    out,
    /loki\.write\.default {2}110 entries, .*: about \d+,000 entries and .* MiB a day, from 99 s of log/,
  )
  tap.match(out, /Streams {2}3\n/)
  tap.match(out, /level +2 {2}INFO 60(\.0)? %/)
  tap.match(out, 'No label explodes, and no limit of Loki is hit.')
})

void t.test('a label that explodes', async (tap) => {
  const text = config(`${PARSE}	stage.labels { values = { request = "" } }`)
  const { code, out } = await check(tap, text, appLines(200))
  tap.equal(code, 1)
  tap.match(out, /Streams {2}201, and ever more: Loki's limit is reached after 8\d min/)
  tap.match(out, /request +200 {2}explodes: r/)
  tap.match(out, '1 problem\n  label request explodes: 200 values, 100 of them first seen in the second half')
})

void t.test('what Loki would refuse', async (tap) => {
  const text = config('stage.static_labels { values = { a = "1" } }')
  const found = await report(tap, text, ['short', 'x'.repeat(300_000), 'y'.repeat(300_000)])
  tap.match(found.sinks[0]?.refused, [{ reason: 'line_too_long', entries: 2, line: 2, retried: false }])
  tap.match(found.problems, [
    /^2 entries would be refused: line_too_long, first at line 2: .*stage\.truncate/,
  ])
  tap.equal(found.sinks[0]?.time, undefined, 'no times of their own')
})

void t.test('dropped entries, inside of a match too', async (tap) => {
  const text = config(`stage.match {
		selector = "{job=\\"app\\"}"
		stage.drop {
			expression          = "debug"
			drop_counter_reason = "noise"
		}
	}`)
  const found = await report(tap, text, ['a', 'debug 1', 'b', 'debug 2'])
  tap.match(found.dropped, [
    { stage: 'stage.drop', reason: 'noise', entries: 2, line: 2, place: /c\.alloy:9$/ },
  ])
  tap.equal(found.sinks[0]?.entries, 2)
})

void t.test('joined lines, and time that does not pass', async (tap) => {
  const text = config(`stage.multiline {
		firstline     = "^[0-9]"
		max_wait_time = "1ms"
	}
	stage.limit {
		rate  = 1
		burst = 1
	}`)
  // A limit of one a second: in real time this would take three minutes.
  const lines = Array.from({ length: 200 }, (_, i) => [`${i} start`, '  more']).flat()
  const found = await report(tap, text, lines)
  tap.equal(found.sinks[0]?.entries, 200, 'no block is cut')
  tap.same(found.dropped, [])
})

void t.test('a missing value is not a misfit, and one stage that reads a line is enough', async (tap) => {
  const text = config(`stage.json { expressions = { time = "" } }
	stage.timestamp {
		source = "time"
		format = "RFC3339"
	}
	stage.logfmt { mapping = { level = "" } }`)
  const found = await report(tap, text, ['{"time":"now"}', 'level=info', 'neither'])
  tap.equal(found.parsing.unread, 1)
  tap.match(found.parsing.misfits, [
    { stage: 'stage.json', entries: 2, of: 3, line: 2 },
    { stage: 'stage.timestamp', entries: 1, of: 1, line: 1, reason: 'the time does not fit the format' },
    { stage: 'stage.logfmt', entries: 2, of: 3, line: 1 },
  ])
})

void t.test('several sources and sinks', async (tap) => {
  const text = config(
    'stage.static_labels { values = { a = "1" } }',
    `loki.source.tcp "t" {
	listen_port = 0
	forward_to  = [loki.write.default.receiver, loki.echo.e.receiver]
	labels      = { job = "tcp" }
}
loki.echo "e" { }
`,
  )
  const unclear = await check(tap, text, ['x'])
  tap.equal(unclear.code, 2)
  tap.match(
    unclear.err,
    'choose the one that the sample stands for with --from NAME:\n  loki.source.file.app\n',
  )
  const wrong = await check(tap, text, ['x'], '--from', 'nginx')
  tap.match(wrong.err, "--from nginx names none of the config's sources:\n")
  const found = await report(tap, text, ['x', 'x'], '--from', 'tcp.t', '--label', 'pod=p')
  tap.same(found.source.labels, { job: 'tcp', pod: 'p' })
  tap.same(Object.fromEntries(found.sinks.map(({ id, entries }) => [id, entries])), {
    'loki.echo.e': 2,
    'loki.write.default': 2,
  })
  const labels = found.sinks.find(({ id }) => id === 'loki.write.default')?.labels
  tap.same(
    labels?.map(({ name }) => name),
    ['host', 'job', 'pod'],
    'external_labels count',
  )
})

void t.test('bad usage ends with 2', async (tap) => {
  const bad = await check(tap, 'loki.process "a" { }', ['x'])
  tap.equal(bad.code, 2)
  tap.match(bad.err, /c\.alloy:1:\d+: .*forward_to/)
  const empty = await check(tap, config(''), [])
  tap.equal(empty.code, 2)
  tap.match(empty.err, 'expected lines in the sample, found none')
  for (const args of [[], ['--sample', 'missing.log'], ['--sample', '-', 'a', 'b'], ['--sampel', 'x']])
    tap.equal(await main(['check', ...args], fakeIo('x\n')), 2, args.join(' '))
  tap.equal((await check(tap, config(''), ['x'], '--format', 'xml')).code, 2)
  tap.match((await check(tap, WRITE, ['x'])).err, 'found none: lines have nowhere to come in')
})

void t.test('log content cannot steer the terminal', async (tap) => {
  const { out } = await check(tap, config('stage.json { expressions = { a = "" } }'), ['\u001b[31mred'])
  tap.notMatch(out, '\u001b')
})
