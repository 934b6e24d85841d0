import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parseFile } from '../../../lib/alloy/parser.ts'
import { printFile } from '../../../lib/alloy/printer.ts'
import { notYet } from '../../../lib/components/unavailable.ts'
import { main } from '../../../lib/cli/main.ts'
import { components } from '../../../lib/components/index.ts'
import { fakeIo } from '../../support/fake-io.ts'

interface RecordedCase {
  readonly name: string
  readonly input: string
  readonly args?: readonly string[]
  readonly output?: string
  readonly diagnostics: readonly { readonly severity: string }[]
  readonly exit: number
}

const cases = JSON.parse(readFileSync('fixtures/config/convert.json', 'utf8')) as RecordedCase[]
const convert = ['convert', '--source-format=promtail']

/** Options that Alloy writes and then refuses to load; ours leaves them out. */
const refusedByAlloy = /^\s*(?:max_idle_duration = "0s"|max_wait_time = "0s"|protocol\s+= "")\n/gm

/** Where no address is given, sources listen on 127.0.0.1 here, and as Promtail on all addresses in Alloy. */
const listening = 'http {\nlisten_address = "0.0.0.0"\n'

function working(recorded: string): string {
  const text = recorded.replaceAll(refusedByAlloy, '').replaceAll('http {\n', listening)
  const { file } = parseFile({ name: 'recorded', text })
  return printFile(file)
}

function severities(stderr: string): string[] {
  const found = [...stderr.matchAll(/^<stdin>(?::\d+:\d+)?: (warning|error|critical): /gm)]
  return found.map((match) => match[1] ?? '').toSorted()
}

void t.test('converts as the recorded runs of Alloy do', async (t) => {
  for (const { name, input, args = [], output, diagnostics, exit } of cases) {
    const io = fakeIo(input)
    t.equal(await main([...convert, ...args, '-'], io), exit, `${name}: exit status`)
    t.equal(io.out(), output === undefined ? '' : working(output), `${name}: output`)
    t.same(severities(io.err()), diagnostics.map(({ severity }) => severity).toSorted(), `${name}: findings`)
  }
})

/** Options that name files which are not on this machine. */
const needsFiles = /\b(?:ca_file|db)\b/

void t.test('what it writes loads, as far as there are components for it', async (t) => {
  const folder = t.testdir()
  let loaded = 0
  for (const { name, output } of cases) {
    if (output === undefined) continue
    const { file } = parseFile({ name, text: output })
    const names = file.body.map((statement) => (statement.kind === 'block' ? statement.name : ''))
    if (!names.every((block) => components.has(block)) || needsFiles.test(output)) continue
    const path = join(folder, `${loaded++}.alloy`)
    writeFileSync(path, working(output))
    const io = fakeIo()
    const waits = names.some((block) => notYet(block) !== undefined)
    t.equal(await main(['validate', path], io), waits ? 1 : 0, `${name}: ${io.err()}`)
    const errors = io.err().match(/error: .*/g) ?? []
    t.same(
      errors.filter((error) => !error.includes('logstream does not have')),
      [],
      `${name}: only what is not here yet is refused`,
    )
  }
  t.ok(loaded >= 10, `only ${loaded} cases could be loaded`)
})

void t.test('what Promtail leaves to its defaults loads too', async (t) => {
  const folder = t.testdir()
  const input = `
limits_config: {readline_rate_enabled: true, max_line_size: 256kb, max_line_size_truncate: true, max_streams: 9}
clients: [{url: http://loki/push, basic_auth: {username: a, password: b}, headers: {X-Site: a}}]
scrape_configs:
  - job_name: sys-log
    syslog: {listen_address: '127.0.0.1:1514'}
    pipeline_stages:
      - multiline: {firstline: '^a'}
      - pack: {labels: [a]}
      - metrics: {n: {type: Counter, config: {match_all: true, action: inc}}}
      - labels:
          'odd name': a
`
  const io = fakeIo(input)
  t.equal(await main(convert, io), 0)
  const path = join(folder, 'out.alloy')
  writeFileSync(path, io.out())
  const checked = fakeIo()
  t.equal(await main(['validate', path], checked), 0, checked.err())
})

const small = 'clients: [{url: http://loki/push}]\nserver: {log_level: debug}\n'

void t.test('names file, line and column', async (t) => {
  const folder = t.testdir({
    'promtail.yaml': 'clients:\n  - url: http://loki\n    tennant_id: a\ncolour: blue\n',
  })
  const io = fakeIo()
  const file = join(folder, 'promtail.yaml')
  t.equal(await main(['convert', '-f', 'promtail', file], io), 1)
  t.equal(
    io.err(),
    `${file}:3:5: critical: Promtail has no field "tennant_id" here. Did you mean tenant_id?\n` +
      `  ${file}:4:1: Promtail has no field "colour" here\nNo config was written: resolve the critical findings first.\n`,
  )
})

void t.test('writes the config and the report to files', async (t) => {
  const folder = t.testdir()
  const [config, report] = [join(folder, 'out.alloy'), join(folder, 'report.txt')]
  const io = fakeIo(small)
  t.equal(await main([...convert, '-o', config, '-r', report], io), 0)
  t.equal(io.out(), '')
  t.match(readFileSync(config, 'utf8'), 'url = "http://loki/push"')
  const text = readFileSync(report, 'utf8')
  t.match(text, /^<stdin>:2:10: warning: log_level is not converted/m)
  t.ok(text.endsWith('\nA config was written.\n'))
})

void t.test('a failed conversion writes the report and no config', async (t) => {
  const folder = t.testdir()
  const [config, report] = [join(folder, 'out.alloy'), join(folder, 'report.txt')]
  const failing = `${small}wal: {enabled: true}\n`
  const io = fakeIo(failing)
  t.equal(await main([...convert, '-o', config, '-r', report], io), 1)
  t.throws(() => readFileSync(config), { code: 'ENOENT' })
  t.match(
    readFileSync(report, 'utf8'),
    /^<stdin>:3:7: error: .*\n\nNo config was written\. --bypass-errors writes it/,
  )
  t.notMatch(io.err(), 'warning', 'only what stopped it is shown')
  t.equal(await main([...convert, '-b', '-o', config], fakeIo(failing)), 0)
  t.match(readFileSync(config, 'utf8'), 'loki.write "default"')
})

const azure = `
clients: [{url: http://loki/push}]
scrape_configs:
  - job_name: hubs
    azure_event_hubs:
      fully_qualified_namespace: shop.servicebus.windows.net
      event_hubs: [orders, payments]
      connection_string: Endpoint=sb://shop/;SharedAccessKeyName=k;SharedAccessKey=s
      group_id: readers
      use_incoming_timestamp: true
      disallow_custom_messages: true
      labels: {team: shop}
    relabel_configs: [{source_labels: [__a], target_label: b}]
`

void t.test('Azure Event Hubs get what Alloy needs to load them', async (t) => {
  const io = fakeIo(azure)
  t.equal(await main(convert, io), 0)
  t.match(
    io.out(),
    `	authentication {
		mechanism         = "connection_string"
		connection_string = "Endpoint=sb://shop/;SharedAccessKeyName=k;SharedAccessKey=s"
	}
	group_id                 = "readers"
	use_incoming_timestamp   = true
	disallow_custom_messages = true
	relabel_rules            = discovery.relabel.hubs.rules
	labels                   = {
		team = "shop",
	}
	forward_to = [loki.write.default.receiver]
`,
  )
  t.notMatch(io.out(), 'assignor', "Alloy's converter writes an empty one, which Alloy refuses")
})

void t.test('what is converted only with --bypass-errors, and what is left out then', async (t) => {
  const head = 'clients: [{url: http://loki/push}]\n'
  const job = 'scrape_configs: [{job_name: a, static_configs: [{targets: [h], labels: {__path__: /a}}], '
  const cases: [name: string, input: string, errors: number, kept: RegExp, left: RegExp][] = [
    [
      'a stage',
      `${head}${job}pipeline_stages: [{drop: {longer_than: 3 parsecs}}, {drop: {older_than: x}}, {drop: {value: v, source: l}}]}]`,
      2,
      /stage\.drop \{\n\t\tsource\s+= "l"\n\t\tvalue\s+= "v"/,
      /longer_than|older_than/,
    ],
    [
      'the server of a push target',
      `${head}scrape_configs: [{job_name: a, loki_push_api: {server: {http_listen_port: 1, log_level: debug, http_path_prefix: /p}}}]`,
      2,
      /loki\.source\.api "a" \{\n\thttp \{\n\t\tlisten_address = "0\.0\.0\.0"\n\t\tlisten_port    = 1/,
      /log_level|prefix/,
    ],
    [
      'the whole process',
      `${head}wal: {enabled: true}\ntarget_config: {stdin: true}\nserver: {http_path_prefix: /p}`,
      3,
      /loki\.write "default"/,
      /wal|stdin|prefix/,
    ],
  ]
  for (const [name, input, errors, kept, left] of cases) {
    const io = fakeIo(input)
    t.equal(await main(convert, io), 1, name)
    t.equal(io.out(), '', name)
    t.equal(io.err().match(/: error: /g)?.length, errors, `${name}: ${io.err()}`)
    const bypassed = fakeIo(input)
    t.equal(await main([...convert, '--bypass-errors'], bypassed), 0, name)
    t.match(bypassed.out(), kept, name)
    t.notMatch(bypassed.out(), left, name)
    t.equal(bypassed.err().match(/: error: /g)?.length, errors, `${name}: still told`)
  }
})

void t.test('extra arguments are a critical finding', async (t) => {
  const io = fakeIo(small)
  t.equal(await main([...convert, '--extra-args=-config.expand-env'], io), 1)
  t.match(io.err(), /^<stdin>: critical: .*-config\.expand-env/)
})

void t.test('refuses wrong usage', async (t) => {
  const folder = t.testdir({ 'a.yaml': small })
  mkdirSync(join(folder, 'sub'))
  const wrong: [args: string[], message: RegExp][] = [
    [['convert'], /needs --source-format=promtail/],
    [['convert', '-f', 'prometheus'], /--source-format must be promtail, found "prometheus"/],
    [[...convert, 'a', 'b'], /takes one file/],
    [[...convert, join(folder, 'none.yaml')], /cannot read .*none\.yaml/],
    [[...convert, join(folder, 'sub')], /is a folder/],
    [[...convert, '-o', join(folder, 'no', 'x'), join(folder, 'a.yaml')], /cannot write/],
  ]
  for (const [args, message] of wrong) {
    const io = fakeIo()
    t.equal(await main(args, io), 1)
    t.match(io.err(), message)
    t.equal(io.out(), '')
  }
})

void t.test('formats without a converter, and variables, are told', async (t) => {
  const io = fakeIo()
  t.equal(await main(['convert', '-f', 'vector', 'x'], io), 1)
  t.match(io.err(), /must be promtail, found "vector".*logstream docs migrating-from-vector/)
  const alloy = fakeIo()
  t.equal(await main(['convert', '-f', 'alloy', 'x'], alloy), 1)
  t.match(alloy.err(), /needs no conversion.*logstream validate/)
  const file = join(t.testdir(), 'promtail.yaml')
  writeFileSync(
    file,
    'clients:\n  - url: http://loki:3100/loki/api/v1/push\n    tenant_id: ${TEAM:-a}\n# ${NOT}\n',
  )
  const promtail = fakeIo()
  t.equal(await main(['convert', '-f', 'promtail', file], promtail), 0)
  t.match(promtail.err(), /:3:16: warning: \$\{TEAM:-a\} is kept as text; .*sys\.env\("TEAM"\)/)
  t.notMatch(promtail.err(), /NOT/)
  writeFileSync(file, 'clients:\n  - url: http://loki:${PORT}\n')
  const refused = fakeIo()
  t.equal(await main(['convert', '-f', 'promtail', file], refused), 1)
  t.match(refused.err(), /expected a URL, .*\n {2}\$\{PORT\} isn't expanded/)
})
