/** Pushes over gRPC, sent with the sink of `loki.write`'s own library. */
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import t from 'tap'
import { openStore, SECONDS, select, StoreHarness, storeFolder } from '../../../support/store-harness.ts'
import { pushRequest } from '../../../support/push-request.ts'

const entry = (line: string) => ({ seconds: SECONDS, nanos: 0, line, structuredMetadata: [] })

function push(client: Client, body: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const same = (bytes: Buffer): Buffer => bytes
    client.makeUnaryRequest(
      '/logproto.Pusher/Push',
      same,
      same,
      body,
      new Metadata(),
      (error: ServiceError | null) => resolve(error === null ? 0 : error.code),
    )
  })
}

void t.test('pushes are stored as a distributor does it', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const harness = new StoreHarness({ path, grpc: { listen_port: 0 } })
  await harness.component.start?.()
  const client = new Client(harness.component.grpcAddress!, credentials.createInsecure())
  t.equal(await push(client, pushRequest([['{app="g"}', [entry('over grpc')]]])), 0)
  t.equal(await push(client, pushRequest([['{app=', [entry('x')]]])), 400)
  t.equal(await push(client, Buffer.alloc(0)), 422)
  t.equal(await push(client, pushRequest([['{app="g"}', [entry('x'.repeat(262_145))]]])), 400)
  const large = Array.from({ length: 50 }, (_, i) => entry(`${i}${'x'.repeat(100_000)}`))
  t.equal(await push(client, pushRequest([['{app="g"}', large]])), 8, 'more than 4 MiB: RESOURCE_EXHAUSTED')
  client.close()
  t.equal(await harness.end(), undefined)
  const store = await openStore(path)
  t.teardown(() => store.close())
  t.same(
    (await select(store)).map(({ stream, line, metadata }) => [stream.text, line, metadata]),
    [['{app="g"}', 'over grpc', [['detected_level', 'unknown']]]],
    'without service_name, with a level',
  )
})

void t.test('a port that is taken', async (t) => {
  const first = new StoreHarness({
    path: await storeFolder((run) => t.teardown(run)),
    grpc: { listen_port: 0 },
  })
  await first.component.start?.()
  t.teardown(() => first.end())
  const port = Number(first.component.grpcAddress!.split(':')[1])
  const second = new StoreHarness({
    path: await storeFolder((run) => t.teardown(run)),
    grpc: { listen_port: port },
  })
  await t.rejects(Promise.resolve(second.component.start?.()), { code: 'LISTEN' })
  await second.component.close?.()
})
