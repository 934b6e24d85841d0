import { createServer, type AddressInfo } from 'node:net'
import t from 'tap'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { demoStore } from '../../../../lib/cli/demo/demo-store.ts'

void t.test('the store listens on a port that is free, and its config says so', async (tap) => {
  const store = await demoStore()
  if (store === undefined) throw new Error('the tests need @duckdb/node-api: npm ci installs it')
  const { port } = new URL(store.url)
  tap.match(store.config.source.text, `listen_port = ${port}`)
  tap.same(parseFile(store.config.source).diagnostics, [])
})

void t.test('a taken port is passed over', async (tap) => {
  const taken = createServer()
  // Port 3100 may be in use on this machine; either way the store must not take a port that is in use.
  await new Promise<void>((resolve) => {
    taken.once('error', () => taken.listen(0, '127.0.0.1', resolve))
    taken.listen(3100, '127.0.0.1', resolve)
  })
  tap.teardown(() => void taken.close())
  const { port } = taken.address() as AddressInfo
  const store = await demoStore()
  tap.not(new URL(store!.url).port, String(port))
  tap.not(new URL(store!.url).port, '3100')
})
