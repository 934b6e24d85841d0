/** Columns of results read in pieces: the same values as the package's own reader returns. */
import t from 'tap'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { momentOf } from '../../../lib/logql/engine/moment.ts'
import { Columns, loadBindings, ShortTexts } from '../../../lib/store/columns.ts'

const bindings = loadBindings()
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ maxLength: 40 }),
  fc.constantFrom('', '=info', '\ufeffmark', 'twelve bytes', 'thirteen byte', 'ä'.repeat(6), 'nul \0 here'),
  fc.nat({ max: 6000 }).map((length) => 'long '.repeat(length / 5)),
)

void t.test('strings of all lengths and letters, and NULL', async (t) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  t.teardown(() => {
    connection.closeSync()
    instance.closeSync()
  })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.option(text), { minLength: 1, maxLength: 100 }), async (texts) => {
      const wanted = texts.map((each) => each?.replaceAll(/\p{Cs}/gu, '\ufffd') ?? null)
      const values = wanted.map((_, i) => `(${i}, $${i + 1})`).join(',')
      // Sorted strings lie one after the other, those of a table don't have to.
      for (const order of ['', 'ORDER BY i'])
        for (const column of ['x', "x || ''"]) {
          const result = await connection.stream(
            `SELECT i, ${column}, i::DOUBLE / 3, -i::BIGINT FROM (VALUES ${values}) AS v(i, x) ${order}`,
            [...wanted],
          )
          const shorts = new ShortTexts()
          for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0;) {
            const columns = new Columns(bindings, chunk, shorts)
            const ids = [...columns.integers(0)]
            t.strictSame(
              columns.texts(1),
              ids.map((i) => wanted[i] ?? ''),
            )
            t.strictSame(
              [...columns.doubles(2)],
              ids.map((i) => i / 3),
            )
            t.strictSame(
              [...columns.bigints(3)],
              ids.map((i) => BigInt(-i)),
            )
            chunk = await result.fetchChunk()
          }
        }
    }),
    { numRuns: 30 },
  )
})

void t.test('times', async (t) => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  t.teardown(() => {
    connection.closeSync()
    instance.closeSync()
  })
  const ends = [-(2n ** 63n), 2n ** 63n - 1n].flatMap((end) => [end, (end / 1_000_000_000n) * 1_000_000_000n])
  const bounds = [...ends, 1_767_607_200_000_000_000n].flatMap((time) => [time - 1n, time, time + 1n])
  const times = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 50 })
  await fc.assert(
    fc.asyncProperty(times, async (more) => {
      const all = [0n, ...bounds.filter((time) => BigInt.asIntN(64, time) === time), ...more]
      const result = await connection.run(
        `SELECT t::BIGINT FROM (VALUES ${all.map((time, i) => `(${i}, ${time})`).join(',')}) AS v(i, t) ORDER BY i`,
      )
      const { seconds, nanos } = new Columns(bindings, result.getChunk(0), new ShortTexts()).moments(0)
      t.strictSame(
        all.map((_, i) => ({ seconds: seconds[i], nanos: nanos[i] })),
        all.map(momentOf),
      )
    }),
    { numRuns: 30 },
  )
})
