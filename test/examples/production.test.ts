/** The config of docs/production.md runs, and its limits hold. */
import { join } from 'node:path'
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { startCommand } from '../support/service.ts'

void t.test('production.alloy', async (t) => {
  const folder = t.testdir({})
  const loki = await startFakeLoki()
  t.teardown(() => loki.close())
  const lines = [
    `info ${'x'.repeat(20_000)}`,
    ...Array.from({ length: 500 }, (_, i) => `debug ${i}`),
    ...Array.from({ length: 12_000 }, (_, i) => `warn ${i}`),
  ]
  writeFileSync(join(folder, 'app.log'), `${lines.join('\n')}\n`)
  const service = startCommand(
    [
      'run',
      'examples/production.alloy',
      '--server.http.listen-addr=',
      `--storage.path=${join(folder, 'data')}`,
    ],
    { APP_LOG: join(folder, '*.log'), LOKI_URL: loki.pushUrl },
  )
  t.teardown(() => service.child.kill('SIGKILL'))
  await loki.waitUntil(() => loki.entries().some(({ line }) => line === 'warn 9000'))
  t.equal(await service.end('SIGTERM'), 0)
  const entries = loki.entries()
  const [long] = entries.filter(({ line }) => line.startsWith('info'))
  t.equal(Buffer.byteLength(long!.line), 16 * 1024)
  t.ok(long!.line.endsWith('...(cut)'))
  const debug = entries.filter(({ line }) => line.startsWith('debug')).length
  t.ok(debug > 5 && debug < 150, `${debug} of 500 debug lines are kept`)
  const warn = entries.filter(({ line }) => line.startsWith('warn')).length
  t.ok(warn >= 9_000 && warn <= 12_000, `${warn} of 12000 warnings are let through`)
  t.ok(
    entries.every(
      ({ labels }) => labels.startsWith('{cluster="eu-1", filename="') && labels.includes('level="'),
    ),
  )
})

void t.test('five mistakes of a newcomer give five messages, each at its place', async (t) => {
  const folder = t.testdir({
    'config.alloy': `local.file_match "app" {
	path_target = [{__path__ = "/var/log/*.log"}]
}

loki.source.file "app" {
	targets    = local.file_match.app.targets
	forward_to = [loki.proces.app.receiver]
}

loki.process "app" {
	forward_to = [loki.write.default.receiver]

	stage.regex {
		expression = "(?P<level>[a-z+)"
	}

	stage.timestamp {
		source   = "time"
		format   = "RFC3339"
		location = "Europe/Zurrich"
	}
}

loki.write "default" {
	endpoint {
		url        = "http://127.0.0.1:3100/loki/api/v1/push"
		batch_wait = "1 second"
	}
}
`,
  })
  const file = join(folder, 'config.alloy')
  const command = startCommand(['validate', file])
  await new Promise((resolve) => command.child.once('exit', resolve))
  t.equal(command.child.exitCode, 1)
  const places = [...command.stderr().matchAll(/config\.alloy:(\d+):\d+: error: (.*)/g)].map(
    ([, line, message]) => [Number(line), message!],
  )
  const told = (line: number, pattern: RegExp): boolean =>
    places.some(([at, message]) => at === line && pattern.test(String(message)))
  t.ok(told(2, /did you mean "path_targets"/), command.stderr())
  t.ok(told(7, /did you mean "loki\.process\.app\.receiver"/))
  t.ok(told(14, /bad regular expression/))
  t.ok(told(20, /Europe\/Zurrich/))
  t.ok(told(27, /expected a duration/))
})
