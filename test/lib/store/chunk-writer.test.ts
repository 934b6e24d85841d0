/** Columns written into chunks are what DuckDB then has. */
import t from 'tap'
import * as duckdb from '@duckdb/node-api'
import fc from 'fast-check'
import { ChunkWriter } from '../../../lib/store/chunk-writer.ts'
import { loadBindings } from '../../../lib/store/columns.ts'

const { BIGINT, INTEGER, VARCHAR } = duckdb
const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom('', '=info', 'twelve bytes', 'thirteen byte', 'ä'.repeat(6), 'nul \0 here', '\ufeffmark'),
  // Halves of a pair that would become one if texts were joined.
  fc.constantFrom('ends with \ud83d', '\ude00 begins', '\ud83d', '\ude00'),
  fc.nat({ max: 300_000 }).map((length) => 'long '.repeat(length / 5)),
)
const row = fc.tuple(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  text,
)

void t.test('numbers and strings of all lengths and letters', async (t) => {
  const instance = await duckdb.DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  t.teardown(() => {
    connection.closeSync()
    instance.closeSync()
  })
  const writer = new ChunkWriter(loadBindings())
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 50 }), async (rows) => {
      await connection.run('CREATE OR REPLACE TABLE written(a INTEGER, b BIGINT, c VARCHAR)')
      const appender = await connection.createAppender('written')
      // Twice, as the writer uses its memory again before the rows are flushed.
      for (let times = 0; times < 2; times++) {
        const chunk = duckdb.DuckDBDataChunk.create([INTEGER, BIGINT, VARCHAR], rows.length)
        writer.integers(
          chunk,
          0,
          rows.map(([a]) => a),
        )
        writer.bigints(
          chunk,
          1,
          rows.map(([, b]) => b),
        )
        writer.texts(
          chunk,
          2,
          rows.map(([, , c]) => c),
        )
        appender.appendDataChunk(chunk)
      }
      appender.closeSync()
      const wanted = rows.map(([a, b, c]) => [a, b, Buffer.from(c).toString('hex').toUpperCase()])
      const found = await connection.runAndReadAll('SELECT a, b, hex(encode(c)) FROM written ORDER BY rowid')
      t.strictSame(found.getRows(), [...wanted, ...wanted])
    }),
    { numRuns: 60 },
  )
})

void t.test('a whole chunk', async (t) => {
  const instance = await duckdb.DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  t.teardown(() => {
    connection.closeSync()
    instance.closeSync()
  })
  const texts = Array.from({ length: 2048 }, (_, i) => `line ${i} ${'x'.repeat(i % 700)}`)
  const chunk = duckdb.DuckDBDataChunk.create([VARCHAR], texts.length)
  new ChunkWriter(loadBindings()).texts(chunk, 0, texts)
  t.strictSame(chunk.getColumnValues(0), texts)
})
