/** Statements on DuckDB's own threads end as those of `run` do. */
import t from 'tap'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'
import { loadBindings } from '../../../../lib/store/columns.ts'
import { runAside, type Aside } from '../../../../lib/store/sealed/run-aside.ts'

const bindings = loadBindings()

for (const threads of [1, 2]) {
  const aside: Aside = { bindings, threads }

  void t.test(`with ${threads} of them`, async (t) => {
    const connection = await connect((run) => t.teardown(run), threads)
    await runAside(
      connection,
      'CREATE TABLE sorted AS SELECT i FROM range(300000) t(i) ORDER BY hash(i)',
      aside,
    )
    const reader = await connection.runAndReadAll('SELECT count(*), sum(i) FROM sorted')
    t.strictSame(reader.getRows(), [[300_000n, (300_000n * 299_999n) / 2n]])

    await t.rejects(runAside(connection, 'SELECT * FROM missing', aside), { message: /missing/ })
    await t.rejects(runAside(connection, "SELECT error('at ' || i) FROM range(300000) t(i)", aside), {
      message: /at \d/,
    })

    const endless = runAside(
      connection,
      'SELECT sum(a.i * b.i) FROM range(1e6::BIGINT) a(i), range(1e6::BIGINT) b(i)',
      aside,
    )
    const stop = setInterval(() => connection.interrupt(), 10)
    await t.rejects(endless, { message: /interrupt/i })
    clearInterval(stop)
    t.strictSame((await connection.runAndReadAll('SELECT 1')).getRows(), [[1]], 'the connection goes on')
  })
}

async function connect(teardown: (run: () => void) => void, threads: number): Promise<DuckDBConnection> {
  const instance = await DuckDBInstance.create(':memory:', { threads: String(threads) })
  const connection = await instance.connect()
  teardown(() => {
    connection.closeSync()
    instance.closeSync()
  })
  return connection
}
