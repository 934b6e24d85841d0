/** `loki.source.api` over real gRPC: pushes are taken, answered and refused as over HTTP. */
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { DELIVERED, dropped, lost } from '../../../../lib/flow/outcome.ts'
import { grpcCaller } from '../../../support/grpc-call.ts'
import { bytesField } from '../../../support/push-request.ts'
import { metric } from '../../../support/source.ts'
import type { Running } from '../../../support/push-source.ts'
import { MIB, protobuf, source } from './harness.ts'

const PUSH = '/logproto.Pusher/Push'

const grpcOf = ({ component }: Running): string => (component.status!() as { grpc: string }).grpc

void t.test('pushes, packed or not, with metadata, tenant and own times', async (tap: Test) => {
  const running = await source(tap, { grpc: {}, use_incoming_timestamp: true })
  const { entries, ctx } = running
  const address = grpcOf(running)
  tap.match(address, /^127\.0\.0\.1:\d+$/, 'a free port of this machine by default')
  for (const compression of [0, 1, 2])
    tap.equal(
      (
        await grpcCaller(tap, address, compression).call(PUSH, protobuf('{job="a"}', 'line'), {
          'x-scope-orgid': 'me',
        })
      ).code,
      0,
    )
  tap.strictSame(
    entries.map(({ line, labels, seconds, nanos, structuredMetadata }) => [
      line,
      labels.toObject(),
      seconds,
      nanos,
      structuredMetadata,
    ]),
    [1, 2, 3].map(() => ['line', { __tenant_id__: 'me', job: 'a' }, 1_700_000_000, 1, [['trace', 'x']]]),
  )
  tap.equal(metric(ctx, 'loki_source_api_entries_written'), 3)
})

void t.test('the answer waits for the entries, and says how they ended', async (tap: Test) => {
  const running = await source(tap, { grpc: {} }, 'open')
  const { entries, component } = running
  const client = grpcCaller(tap, grpcOf(running))
  const ends = [DELIVERED, dropped('drop_stage'), lost('shutdown')]
  const answers = []
  for (const [i, outcome] of ends.entries()) {
    const answer = client.call(PUSH, protobuf('{job="a"}', 'line'))
    while (entries.length <= i) await once(component.output!, 'data')
    entries[i]!.ack.settle(outcome)
    answers.push(await answer)
  }
  tap.strictSame(
    answers.map(({ code }) => code),
    [0, 0, 503],
  )
  const waiting = client.call(PUSH, protobuf('{job="a"}', 'line'))
  while (entries.length <= 3) await once(component.output!, 'data')
  const ended = once(component.output!, 'end')
  await component.stop!()
  await ended
  tap.equal((await client.call(PUSH, protobuf('{job="a"}', 'line'))).code, 503, 'nothing is taken any more')
  const closing = component.close!()
  entries[3]!.ack.settle(DELIVERED)
  tap.equal((await waiting).code, 0, 'what was under way is still answered')
  await closing
})

void t.test('what cannot be read is refused, and bombs take no memory', async (tap: Test) => {
  const running = await source(tap, { grpc: { server_max_recv_msg_size: MIB } })
  const { entries, ctx } = running
  const plain = grpcCaller(tap, grpcOf(running))
  const packed = grpcCaller(tap, grpcOf(running), 2)
  const good = protobuf('{job="a"}', 'line')
  tap.match(await plain.call(PUSH, good.subarray(0, 12)), { code: 400 })
  tap.match(await plain.call(PUSH, Buffer.concat([protobuf('{job=', 'bad'), good])), {
    code: 400,
    details: /expected labels such as .*; streams with readable labels were taken/,
  })
  tap.match(await plain.call(PUSH, protobuf('{job="a"}', 'x'.repeat(2 * MIB))), { code: 8 })
  tap.match(await packed.call(PUSH, bytesField(1, Buffer.alloc(20 * MIB))), { code: 8, details: /larger/ })
  tap.equal((await plain.call('/logproto.Querier/Query', good)).code, 12)
  tap.strictSame(
    entries.map(({ line }) => line),
    ['line'],
  )
  tap.equal(metric(ctx, 'logstream_source_api_refused_pushes_total'), 2)
})

void t.test('a port that is taken', async (tap: Test) => {
  const port = Number(grpcOf(await source(tap, { grpc: {} })).split(':')[1])
  await tap.rejects(source(tap, { grpc: { listen_port: port } }), {
    code: 'LISTEN',
    message: /cannot listen for gRPC on 127/,
  })
})
