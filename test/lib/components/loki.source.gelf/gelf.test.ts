/** `loki.source.gelf` over real UDP: labels, times, chunks, and the account of what was refused. */
import { createSocket } from 'node:dgram'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { exportedRules, RELABEL_RULES } from '../../../../lib/component/options/relabel.ts'
import { lokiSourceGelf } from '../../../../lib/components/loki.source.gelf/gelf.ts'
import { RELABEL_DEFAULTS } from '../../../../lib/formats/relabel.ts'
import { until } from '../../../support/component-run.ts'
import { metric, ports, sourceContext, take, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'
import { chunk, chunksOf } from './chunks.ts'

interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly send: (...datagrams: (Buffer | string)[]) => Promise<void>
}

const options = (more: object) =>
  decodeInput('loki.source.gelf', lokiSourceGelf.fields, {
    forward_to: [],
    listen_address: '127.0.0.1:0',
    ...more,
  })

async function gelf(tap: Test, more: object = {}, clock?: StepClock): Promise<Running> {
  const ctx = sourceContext(clock === undefined ? {} : { clock })
  const component = lokiSourceGelf.create(options(more), ctx)
  tap.teardown(async () => component.close?.())
  await component.start?.()
  const socket = createSocket('udp4')
  tap.teardown(() => socket.close())
  const [port] = ports(component)
  const send = async (...datagrams: (Buffer | string)[]): Promise<void> => {
    for (const bytes of datagrams)
      await new Promise((resolve) => socket.send(bytes, port, '127.0.0.1', resolve))
  }
  return { component, ctx, send }
}

const rules = (...changes: object[]) =>
  exportedRules(changes.map((each) => ({ ...RELABEL_DEFAULTS, ...each })))

void t.test('labels by rules, and the time of the message', async (tap: Test) => {
  const { component, ctx, send } = await gelf(tap, {
    use_incoming_timestamp: true,
    relabel_rules: rules(
      { source_labels: ['__gelf_message_level'], target_label: 'level' },
      { source_labels: ['__gelf_message_host'], target_label: 'host' },
      { source_labels: ['__gelf_message_facility'], target_label: 'facility' },
      { source_labels: ['__gelf_message_version'], regex: 'bad', action: 'drop' },
    ),
  })
  await send(
    '{"version":"1.1","host":"h","short_message":"hi","timestamp":1385053862.25,"level":3,"_a":1}',
    '{"version":"bad"}',
    '{"version":"1.1","timestamp":-1.5,"level":9}',
  )
  const entries = await take(component.output!, 2)
  tap.strictSame(
    entries.map(({ labels, seconds, nanos }) => [labels.toObject(), seconds, nanos]),
    [
      [{ host: 'h', level: 'error' }, 1_385_053_862, 249_999_872],
      [{ job: 'loki.source.test' }, -2, 500_000_000],
    ],
  )
  tap.equal(
    entries[0]!.line,
    '{"version":"1.1","host":"h","short_message":"hi","timestamp":1385053862.25,"level":3,"_a":1}',
  )
  tap.strictSame(
    ctx.ledger.rows().map(({ state, reason, units }) => [state, reason, units]),
    [
      ['dropped', 'relabel_rule', 1],
      ['delivered', '', 2],
    ],
  )
  tap.equal(metric(ctx, 'loki_source_gelf_target_entries_total'), 2)
})

void t.test('chunks in any order, packed as a whole', async (tap: Test) => {
  const { component, send } = await gelf(tap)
  const short = 'x'.repeat(50_000)
  const packed = gzipSync(JSON.stringify({ short_message: short }), { level: 0 })
  await send(...chunksOf('id', packed, 1400).toReversed())
  const [entry] = await take(component.output!, 1)
  tap.equal((JSON.parse(entry!.line) as { short_message: string }).short_message, short)
  const before = Math.floor(Date.now() / 1000)
  tap.ok(Math.abs(entry!.seconds - before) < 60, 'the present time')
})

void t.test('what is refused is counted by reason, and is in the account', async (tap: Test) => {
  const clock = new StepClock()
  const { component, ctx, send } = await gelf(tap, {}, clock)
  const bomb = gzipSync(Buffer.alloc(9 * 1024 * 1024))
  await send('nonsense', '{"host":5}', bomb, chunk('never', 0, 2, Buffer.from('x')), '{"host":"good"}')
  const [entry] = await take(component.output!, 1)
  tap.match(entry!.line, /good/)
  const refused = (): Record<string, number> =>
    Object.fromEntries(
      ctx.metrics
        .snapshot()
        .find(({ name }) => name === 'logstream_source_gelf_refused_total')!
        .samples.map(({ labels, value }) => [labels['reason'], value]),
    )
  tap.strictSame(refused(), { bad_json: 1, bad_field: 1, too_large: 1 })
  await until(() => clock.pending > 0)
  clock.advance(5000)
  tap.equal(refused()['incomplete'], 1, 'also when nothing else comes')
  await send(chunk('late', 0, 2, Buffer.from('x')), '{"host":"last"}')
  tap.equal((await take(component.output!, 1)).length, 1)
  await component.stop!()
  tap.equal(refused()['incomplete'], 2, 'the end gives up what is unfinished')
  tap.strictSame(
    ctx.ledger.rows().map(({ reason, units }) => [reason, units]),
    [
      ['gelf_bad_json', 1],
      ['gelf_bad_field', 1],
      ['gelf_too_large', 1],
      ['', 2],
      ['gelf_incomplete', 2],
    ],
  )
  tap.equal(ctx.ledger.inFlight, 0)
})

void t.test('a reload keeps the port unless its address changes', async (tap: Test) => {
  const { component, send } = await gelf(tap)
  tap.equal(
    component.update!(options({ relabel_rules: rules({ target_label: 'a', replacement: 'b' }) })),
    true,
  )
  await send('{}')
  tap.strictSame((await take(component.output!, 1))[0]!.labels.toObject(), { a: 'b' })
  tap.equal(component.update!(options({ listen_address: '127.0.0.1:1' })), false)
})

void t.test('mistakes in the config', async (tap: Test) => {
  const config = (body: string): string => `loki.source.gelf "x" {\nforward_to = []\n${body}\n}`
  tap.same(await supervised(tap).check(config('')), [])
  tap.match(await supervised(tap).check(config('listen_address = "x"')), [/expected an address with a port/])
  tap.match(await supervised(tap).check(config(`relabel_rules = "x"`)), [new RegExp(RELABEL_RULES)])
})
