/** Columns of results read in pieces: the same values as the package's own reader returns. */
import t from 'tap'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
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
