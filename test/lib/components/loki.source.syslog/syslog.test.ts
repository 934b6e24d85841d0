import { execFile, execFileSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { promisify } from 'node:util'
import t from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { syslogSource } from '../../../../lib/components/loki.source.syslog/syslog.ts'
import { syslogFields, type SyslogOptions } from '../../../../lib/components/loki.source.syslog/fields.ts'
import { RELABEL_DEFAULTS, type RelabelRule } from '../../../../lib/formats/relabel.ts'
import {
  finish,
  lines,
  metric,
  ports,
  sourceContext,
  take,
  type SourceContext,
} from '../../../support/source.ts'

type Given = Readonly<Record<string, unknown>>

const MAP_ALL: RelabelRule = { ...RELABEL_DEFAULTS, regex: '__syslog_(.+)', action: 'labelmap' }
const definition = syslogSource(async () => ['sender.example.org'])

function decode(listeners: readonly Given[], rules?: readonly RelabelRule[]): SyslogOptions {
  const listener = listeners.map((given) => ({ address: '127.0.0.1:0', ...given }))
  return { ...decodeInput(definition.name, syslogFields, { forward_to: [], listener }), relabel_rules: rules }
}

interface Running {
  readonly source: Component<SyslogOptions>
  readonly ctx: SourceContext
  readonly port: number
}

async function start(given: Given = {}, rules?: readonly RelabelRule[]): Promise<Running> {
  const ctx = sourceContext()
  const source = definition.create(decode([given], rules), ctx)
  await source.start!()
  return { source, ctx, port: ports(source)[0]! }
}

async function sendTcp(port: number, text: string | Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  socket.end(text)
  await new Promise<void>((resolve) => void socket.once('close', () => resolve()))
}

async function sendUdp(port: number, ...datagrams: string[]): Promise<void> {
  const socket = createSocket('udp4')
  for (const text of datagrams)
    await new Promise<void>((resolve, reject) => {
      socket.send(text, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)))
    })
  socket.close()
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate)
}

function rows(ctx: SourceContext): string[] {
  return ctx.ledger.rows().map(({ state, reason, units }) => `${units} ${state} ${reason}`.trim())
}

void t.test('TCP, by lines and counted', async (t) => {
  const { source, ctx, port } = await start({ labels: { job: 'syslog' } }, [MAP_ALL])
  await sendTcp(
    port,
    '<165>1 - web1 nginx 12 ID4 - first\n<13>1 - web1 nginx 12 ID4 - second\r\n at line 2\n',
  )
  const counted = '<13>1 - h a - - - counted'
  await sendTcp(port, `${counted.length} ${counted}`.repeat(2))
  const entries = await take(source.output!, 4)
  t.strictSame(lines(entries), ['first', 'second\r\n at line 2', 'counted', 'counted'])
  t.equal(
    entries[0]!.labels.text,
    '{connection_hostname="sender.example.org.", connection_ip_address="127.0.0.1", job="syslog", message_app_name="nginx", ' +
      'message_facility="local4", message_hostname="web1", message_msg_id="ID4", message_proc_id="12", message_severity="notice"}',
  )
  t.strictSame(await finish(source), [])
  t.strictSame(rows(ctx), ['4 delivered'])
})

void t.test('UDP, one message a datagram or several', async (t) => {
  const { source, ctx, port } = await start({ protocol: 'udp', syslog_format: 'rfc3164' }, [MAP_ALL])
  await sendUdp(
    port,
    '<13>Feb  5 17:32:18 h app[7]: one',
    '<13>Feb  5 17:32:18 h app: two\n<13>Feb  5 17:32:18 h app: three\n',
  )
  const entries = await take(source.output!, 3)
  t.strictSame(lines(entries).sort(), ['one', 'three', 'two'])
  t.equal(entries.find(({ line }) => line === 'one')!.labels.get('message_proc_id'), '7')
  await finish(source)
  t.equal(ctx.ledger.inFlight, 0)
})

void t.test('what a stop finds in the kernel still comes', async (t) => {
  const { source, port } = await start({ protocol: 'udp' })
  await sendUdp(port, ...Array.from({ length: 50 }, (_, i) => `<13>1 - h a p m - ${i}`))
  t.equal((await finish(source)).length, 50)
})

void t.test('what cannot be read goes on as it came: marked, counted and told', async (t) => {
  const { source, ctx, port } = await start({ protocol: 'udp' })
  const sent = [
    'no priority',
    '<13>Oct 11 22:14:15 h a: x',
    '<13>1 - h a p m -',
    '99 <13>1',
    '<13>1 - h a p m - ok',
  ]
  await sendUdp(port, ...sent)
  const entries = await take(source.output!, 4)
  t.strictSame(
    entries.map(({ line, structuredMetadata: [mark] }) => [line, ...(mark ?? [])]),
    [
      [
        'no priority',
        'syslog_error',
        'expected a priority as "<13>" at the start at byte 0, found "no priority"',
      ],
      [
        '<13>Oct 11 22:14:15 h a: x',
        'syslog_error',
        'expected a version from 1 to 999 after the priority (is this RFC 3164?) at byte 4, found "Oct 11 22:14:15 h a: x"',
      ],
      ['<13>1', 'syslog_error', 'the connection ended inside a message, after 8 bytes'],
      ['ok'],
    ],
  )
  t.equal(metric(ctx, 'loki_source_syslog_parsing_errors_total'), 3)
  await finish(source)
  t.strictSame(rows(ctx).sort(), ['1 dropped syslog_empty_message', '4 delivered'])
  t.match(ctx.logged.join('\n'), /goes on as it came.*"peer":"127\.0\.0\.1".*syslog_format/)
})

void t.test('every message received before a close is in the account', async (t) => {
  const { source, ctx, port } = await start()
  await sendTcp(port, 'no priority\n<13>1 - h a p m - good\n')
  await sendTcp(port, '<13>1 - h a p m - nul\0\0\n<13>1 - h a p m -  rsyslog\n')
  await sendTcp(port, `19 <13>1 - h a p m - a?? broken\n<13>1 - h a p m - b\n`)
  const got = lines(await finish(source))
  t.strictSame(got.toSorted(), ['?? broken', 'a', 'b', 'good', 'no priority', 'nul', 'rsyslog'])
  t.equal(ctx.ledger.read, 7)
})

void t.test('many connections give no warning of leaking listeners', async (t) => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): void => void warnings.push(warning)
  process.on('warning', onWarning)
  const { source, port } = await start()
  const sockets = Array.from({ length: 15 }, () => connect(port, '127.0.0.1').on('error', () => {}))
  for (const [i, socket] of sockets.entries()) socket.write(`<13>1 - h a p m - ${i}\n<13>`)
  await take(source.output!, 15)
  await new Promise(setImmediate)
  process.off('warning', onWarning)
  for (const socket of sockets) socket.destroy()
  await finish(source)
  t.strictSame(warnings, [])
})

void t.test('Alloy’s metrics', async (t) => {
  const { source, ctx, port } = await start({ rfc5424_allow_empty_msg: true })
  await sendTcp(port, '<13>1 - h a p m -\n<13>1 - h a p m - x\n<13>bad\n')
  t.strictSame(lines(await take(source.output!, 3)), ['', 'x', '<13>bad'])
  const values = ['entries', 'parsing_errors', 'empty_messages'].map((name) =>
    metric(ctx, `loki_source_syslog_${name}_total`),
  )
  t.strictSame(values, [3, 1, 1])
  await finish(source)
})

void t.test('a message of 10 MB by lines', async (t) => {
  const { source, port } = await start()
  const long = 'x'.repeat(10_000_000)
  const sent = sendTcp(port, `<13>1 - h a p m - ${long}\n<13>1 - h a p m - y\n`)
  const got = lines(await take(source.output!, 2))
  await sent
  t.ok(got[0] === long)
  t.equal(got[1], 'y')
  await finish(source)
})

void t.test('a slow consumer holds TCP senders back', async (t) => {
  const { source, port } = await start()
  const socket = connect(port, '127.0.0.1')
  const block = `<13>1 - h a p m - ${'x'.repeat(1000)}\n`.repeat(1000)
  let sent = 0
  for (let stalled = 0; stalled < 300 && sent < 200;) {
    if (socket.writableLength === 0) {
      socket.write(block)
      sent++
      stalled = 0
    } else {
      stalled++
      await new Promise(setImmediate)
    }
  }
  t.ok(sent < 100, `${sent} MB went out without a reader`)
  socket.end()
  t.equal((await take(source.output!, sent * 1000)).length, sent * 1000)
  await finish(source)
})

void t.test('UDP beyond the queue is dropped by name', async (t) => {
  const { source, ctx, port } = await start({ protocol: 'udp' })
  const datagram = `<13>1 - h a p m - ${'x'.repeat(32_000)}`
  for (let sent = 0; ctx.ledger.total('dropped') === 0 && sent < 5000; sent += 10) {
    await sendUdp(port, ...Array.from({ length: 10 }, () => datagram))
    await new Promise(setImmediate)
  }
  await until(() => rows(ctx).some((row) => row.endsWith('dropped udp_queue_full')))
  const delivered = await finish(source)
  t.equal(ctx.ledger.read, delivered.length + ctx.ledger.total('dropped'), 'every datagram is in the account')
  t.match(ctx.logged.join('\n'), /UDP messages dropped/)
})

void t.test('times and whole messages', async (t) => {
  const whole = '<165>1 2003-10-11T22:14:15.003Z h a p m [x a="1"] text'
  const { source, port } = await start({ use_incoming_timestamp: true, use_rfc5424_message: true })
  await sendTcp(port, whole)
  const [entry] = await take(source.output!, 1)
  t.equal(entry!.line, whole)
  t.strictSame([entry!.seconds, entry!.nanos], [1_065_910_455, 3_000_000])
  await finish(source)
})

void t.test('ports that cannot be opened', async (t) => {
  for (const protocol of ['tcp', 'udp'] as const) {
    const { source, port } = await start({ protocol })
    const message = new RegExp(`cannot listen on ${protocol} 127\\.0\\.0\\.1:${port}: the port is taken`)
    await t.rejects(start({ protocol, address: `127.0.0.1:${port}` }), { code: 'LISTEN', message })
    const both = definition.create(decode([{}, { protocol, address: `127.0.0.1:${port}` }]), sourceContext())
    await t.rejects(Promise.resolve(both.start!()), { code: 'LISTEN' })
    t.strictSame(both.status!(), { listeners: [] }, 'and those before it are closed again')
    await finish(source)
    await source.close!()
  }
  await t.rejects(start({ address: 'nonsense' }), { code: 'BAD_ARGUMENT' })
})

void t.test('a reload keeps the ports', async (t) => {
  const { source, port } = await start({ labels: { v: '1' } })
  const socket = connect(port, '127.0.0.1')
  socket.write('<13>1 - h a p m - x\n<')
  const [before] = await take(source.output!, 1)
  const address = `127.0.0.1:0`
  t.equal(source.update!(decode([{ address, labels: { v: '2' } }])), true)
  socket.end('13>1 - h a p m - y\n')
  const [after] = await take(source.output!, 1)
  t.strictSame(
    [before, after].map((entry: Entry | undefined) => entry!.labels.text),
    ['{v="1"}', '{v="2"}'],
  )
  t.equal(source.update!(decode([{ protocol: 'udp' }])), false)
  t.equal(source.update!(decode([{}, {}])), false)
  await finish(source)
})

void t.test('TLS with client certificates', async (t) => {
  const dir = t.testdir()
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const files = ['-keyout', `${dir}/key.pem`, '-out', `${dir}/cert.pem`, '-subj', '/CN=localhost']
  execFileSync('openssl', ['req', ...kind, ...files], { stdio: 'ignore' })
  const pem = { cert_file: `${dir}/cert.pem`, key_file: `${dir}/key.pem` }
  const { source, ctx, port } = await start({ tls_config: { ...pem, ca_file: pem.cert_file } })
  const own = { cert: readFileSync(pem.cert_file), key: readFileSync(pem.key_file) }
  const options = { port, host: '127.0.0.1', rejectUnauthorized: false }
  connectTls({ ...options, ...own }).end('<13>1 - h a p m - secret\n')
  t.strictSame(lines(await take(source.output!, 1)), ['secret'])
  connectTls(options)
    .on('error', () => {})
    .end('<13>1 - h a p m - stranger\n')
  await until(() => ctx.logged.some((line) => line.startsWith('TLS failed')))
  t.strictSame(await finish(source), [])
})

void t.test('the logger command of util-linux', async (t) => {
  const version = await promisify(execFile)('logger', ['--version']).catch(() => undefined)
  if (version === undefined) {
    t.pass('the logger command is not installed')
    return
  }
  const logger = async (port: number, ...flags: string[]): Promise<unknown> =>
    await promisify(execFile)('logger', ['-n', '127.0.0.1', '-P', String(port), '-t', 'tag', ...flags])
  const modern = await start({}, [MAP_ALL])
  await logger(modern.port, '-T', '--rfc5424', '--octet-count', 'counted')
  await logger(modern.port, '-T', '--rfc5424', 'by lines')
  const entries = await take(modern.source.output!, 2)
  t.strictSame(lines(entries).sort(), ['by lines', 'counted'])
  t.equal(entries[0]!.labels.get('message_app_name'), 'tag')
  await finish(modern.source)
  const legacy = await start({ protocol: 'udp', syslog_format: 'rfc3164' })
  await logger(legacy.port, '-d', '--rfc3164', 'old style')
  t.strictSame(lines(await take(legacy.source.output!, 1)), ['old style'])
  await finish(legacy.source)
})
