/** `object_storage` of `loki.store`: tenants under prefixes of their own, metrics, health, and what is refused. */
import t from 'tap'
import { startFakeS3 } from '../../../support/fake-s3.ts'
import { bucketArguments } from '../../../support/store-bucket.ts'
import { StoreHarness, storeFolder } from '../../../support/store-harness.ts'

async function push(url: string, tenant: string, line: string): Promise<void> {
  const body = JSON.stringify({
    streams: [{ stream: { app: 'a' }, values: [['1767607200000000000', line]] }],
  })
  const headers = { 'content-type': 'application/json', 'x-scope-orgid': tenant }
  const answer = await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body })
  t.equal(answer.status, 204)
  t.equal((await fetch(`${url}/flush`, { method: 'POST', headers })).status, 204)
}

async function ask(url: string, tenant: string): Promise<string> {
  const parameters = 'query={app="a"}&start=1767607200&end=1767607300'
  const headers = { 'x-scope-orgid': tenant }
  return await (await fetch(`${url}/loki/api/v1/query_range?${parameters}`, { headers })).text()
}

void t.test('tenants on an empty disk', async (t) => {
  const s3 = await startFakeS3()
  t.teardown(() => s3.close())
  const start = async (): Promise<StoreHarness> => {
    const path = await storeFolder((run) => t.teardown(run))
    const harness = new StoreHarness({ path, tenants: {}, object_storage: bucketArguments(s3.url) })
    await harness.component.start!()
    return harness
  }
  const first = await start()
  await push(first.url, 'one', 'line of one')
  await push(first.url, 'two', 'line of two')
  await first.end()
  t.ok(s3.objects.has('store/tenants/one/store.json'))
  t.ok(s3.objects.has('store/tenants/two/store.json'))
  const second = await start()
  t.teardown(() => second.end())
  t.match(await ask(second.url, 'one'), /line of one/)
  t.match(await ask(second.url, 'two'), /line of two/)
  t.notMatch(await ask(second.url, 'two'), /line of one/)
})

void t.test('metrics and health', async (t) => {
  const s3 = await startFakeS3()
  t.teardown(() => s3.close())
  const start = async (): Promise<StoreHarness> => {
    const path = await storeFolder((run) => t.teardown(run))
    const harness = new StoreHarness({ path, object_storage: bucketArguments(s3.url) })
    await harness.component.start!()
    t.teardown(() => harness.end())
    return harness
  }
  const first = await start()
  await push(first.url, 'fake', 'one')
  const text = await first.metrics.exposition()
  // A Parquet file, its index and the streams.
  t.match(text, /^logstream_store_object_uploads_total 3$/m)
  t.match(text, /^logstream_store_object_pending_files 0$/m)
  t.match(text, /^logstream_store_object_cache_bytes [1-9]/m)
  t.equal(first.component.health!().state, 'healthy')
  await start()
  await first.write(['two'])
  t.equal((await fetch(`${first.url}/flush`, { method: 'POST' })).status, 500)
  t.match(first.component.health!(), {
    state: 'unhealthy',
    message: /not copied to the bucket: another store has begun to write to http.*\/logs\/store\//,
  })
  t.match(await first.metrics.exposition(), /^logstream_store_object_pending_files 1$/m)
  t.match(await ask(first.url, 'fake'), /one/)
})

void t.test('what cannot work', async (t) => {
  const bad = (changes: object): StoreHarness =>
    new StoreHarness({ object_storage: { ...bucketArguments('http://localhost:1'), ...changes } })
  t.throws(() => bad({ bucket: 'a' }), { code: 'BAD_CONFIG', message: /bucket: expected 3 to 63/ })
  t.throws(() => bad({ secret_access_key: '' }), { code: 'BAD_CONFIG', message: /secret_access_key/ })
  const path = await storeFolder((run) => t.teardown(run))
  const away = new StoreHarness({ path, object_storage: bucketArguments('http://localhost:1') })
  await t.rejects(Promise.resolve(away.component.start!()), {
    code: 'IO',
    message: /store\.json can't be read: no answer/,
  })
  await away.end()
})
