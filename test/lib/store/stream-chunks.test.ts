import t from 'tap'
import { streamChunks } from '../../../lib/store/stream-chunks.ts'
import { openStore, storeFolder } from '../../support/store-harness.ts'

void t.test('a result that ends early is an error, not a short result', async (t) => {
  const store = await openStore(await storeFolder((run) => t.teardown(run)))
  t.teardown(() => store.close())
  await store.database.use(async (connection) => {
    const rowsOf = async (sql: string, onChunk = (): void => {}): Promise<number> => {
      let rows = 0
      for await (const chunk of streamChunks(connection, sql)) {
        rows += chunk.rowCount
        onChunk()
      }
      return rows
    }
    const error = { message: /ended a result in the middle/ }
    t.equal(await rowsOf('SELECT range FROM range(100000)'), 100_000)
    t.equal(await rowsOf('SELECT 1 WHERE false'), 0)
    await t.rejects(rowsOf("SELECT CASE WHEN range = 500000 THEN error('no') ELSE '' END FROM range(1000000)"), error) // prettier-ignore
    await t.rejects(
      rowsOf('SELECT range FROM range(10000000)', () => connection.interrupt()),
      error,
    )
    t.equal(await rowsOf('SELECT range FROM range(10)'), 10, 'the connection can be used again')
  })
})
