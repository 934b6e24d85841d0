import { execFileSync } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import t from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceTcp } from '../../../../lib/components/loki.source.tcp/tcp.ts'
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

async function start(given: Given = {}): Promise<{ source: Component; ctx: SourceContext; port: number }> {
  const ctx = sourceContext()
  const { name, fields } = lokiSourceTcp
  const options = decodeInput(name, fields, { listen_port: 0, forward_to: [], ...given })
  const source = lokiSourceTcp.create(options, ctx)
  await source.start!()
  return { source, ctx, port: ports(source)[0]! }
}

async function send(port: number, ...chunks: (string | Buffer)[]): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  for (const chunk of chunks) await new Promise<void>((resolve) => void socket.write(chunk, () => resolve()))
  await new Promise<void>((resolve) => void socket.end(resolve))
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await new Promise<void>((resolve) => void socket.once('close', () => resolve()))
}

void t.test('lines of several connections', async (t) => {
  const { source, ctx, port } = await start({ labels: { job: 'app' } })
  await Promise.all([send(port, 'a\nb\r\n', '\nlast'), send(port, 'x\0y\n', Buffer.from([0xff, 0x0a]))])
  const entries = await take(source.output!, 6)
  t.strictSame(lines(entries).sort(), ['', 'a', 'b', 'last', 'x\0y', '\ufffd'].sort())
  t.ok(entries.every(({ labels }) => labels.text === '{job="app"}'))
  t.strictSame(await finish(source), [])
  t.equal(ctx.ledger.read, 6)
  t.equal(ctx.ledger.inFlight, 0)
})

void t.test('a line of 10 MB comes in parts', async (t) => {
  const { source, ctx, port } = await start({ max_line_size: '1MiB' })
  const long = 'é'.repeat(5_000_000)
  const sent = send(port, `${long}\nnext\n`)
  const got = lines(await take(source.output!, 11))
  await sent
  t.ok(got.slice(0, -1).join('') === long)
  t.equal(got.at(-1), 'next')
  t.equal(metric(ctx, 'logstream_source_cut_lines_total'), 1)
  await finish(source)
})

void t.test('a slow consumer holds the sender back', async (t) => {
  const { source, port } = await start()
  const socket = connect(port, '127.0.0.1')
  const block = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(1024))
  let sent = 0
  let stalled = 0
  while (stalled < 300 && sent < 200) {
    if (socket.writableLength > 0) {
      stalled++
      await new Promise(setImmediate)
      continue
    }
    stalled = 0
    socket.write(block)
    sent++
  }
  t.ok(sent < 100, `${sent} MiB went out without a reader`)
  socket.end()
  t.equal((await take(source.output!, sent * 1024)).length, sent * 1024, 'and all arrive once it is read')
  await finish(source)
})

void t.test('a taken port', async (t) => {
  const { source, port } = await start()
  await t.rejects(start({ listen_port: port }), { code: 'LISTEN', message: /the port is taken.* ss -ltnp/ })
  await finish(source)
})

void t.test('stopping closes connections and keeps what was read', async (t) => {
  const { source, ctx, port } = await start()
  const socket = connect(port, '127.0.0.1')
  socket.write('whole\npart')
  t.strictSame(lines(await take(source.output!, 1)), ['whole'])
  t.strictSame(lines(await finish(source)), ['part'])
  await closed(socket)
  await source.close?.()
  t.equal(ctx.ledger.inFlight, 0)
})

void t.test('too many connections, and silent ones', async (t) => {
  const { source, ctx, port } = await start({ max_connections: 1, idle_timeout: '50ms' })
  const first = connect(port, '127.0.0.1')
  first.write('a\n')
  await take(source.output!, 1)
  const second = connect(port, '127.0.0.1').on('error', () => {})
  await closed(second)
  t.match(ctx.logged.join('\n'), /turned away: max_connections/)
  await closed(first)
  t.equal(metric(ctx, 'logstream_source_tcp_errors_total'), 1)
  await finish(source)
})

void t.test('TLS', async (t) => {
  const dir = t.testdir()
  const files = ['-keyout', `${dir}/key.pem`, '-out', `${dir}/cert.pem`]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...kind, ...files, '-subj', '/CN=localhost'], { stdio: 'ignore' })
  const tls = { cert_file: `${dir}/cert.pem`, key_file: `${dir}/key.pem`, min_version: 'TLS12' }
  const { source, ctx, port } = await start({ tls_config: tls })
  const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false })
  socket.end('secret line\n')
  t.strictSame(lines(await take(source.output!, 1)), ['secret line'])
  await send(port, 'plain text\n').catch(() => {})
  while (metric(ctx, 'logstream_source_tcp_errors_total') === 0) await new Promise(setImmediate)
  t.match(ctx.logged.join('\n'), /TLS failed/)
  await finish(source)
  await t.rejects(start({ tls_config: { cert_file: tls.cert_file } }), {
    code: 'BAD_CONFIG',
    message: /add key_file/,
  })
  await t.rejects(start({ tls_config: { ...tls, key_file: `${dir}/none` } }), {
    code: 'IO',
    message: /key_file/,
  })
})

void t.test('connections stay open when only the labels change', async (t) => {
  const ctx = sourceContext()
  const { name, fields } = lokiSourceTcp
  const decode = (given: Given) => decodeInput(name, fields, { listen_port: 0, forward_to: [], ...given })
  const source = lokiSourceTcp.create(decode({ labels: { a: 'old' } }), ctx)
  await source.start!()
  const socket = connect(ports(source as Component)[0]!, '127.0.0.1')
  socket.write('one\n')
  const [one] = await take(source.output!, 1)
  t.equal(source.update!(decode({ labels: { a: 'new' } })), true)
  socket.write('two\n')
  const [two] = await take(source.output!, 1)
  t.strictSame([one!.labels.text, two!.labels.text], ['{a="old"}', '{a="new"}'])
  t.equal(source.update!(decode({ labels: { a: 'new' }, idle_timeout: '1s' })), false)
  socket.end()
  await finish(source as Component)
})
