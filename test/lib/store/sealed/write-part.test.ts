/** Sealed files: their rows in order, and what is known of them. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { DuckDBInstance, listValue, type DuckDBConnection } from '@duckdb/node-api'
import { transactionSource } from '../../../../lib/generate/transactions.ts'
import { loadBindings } from '../../../../lib/store/columns.ts'
import { decodeIndex } from '../../../../lib/store/sealed/part-index.ts'
import { indexFile } from '../../../../lib/store/sealed/store-files.ts'
import { JOINING_LEVEL, SEALING_LEVEL, writePart } from '../../../../lib/store/sealed/write-part.ts'

const BEGIN = 1_767_607_200_000_000_000n

async function folder(t: Test): Promise<{ path: string; connection: DuckDBConnection }> {
  const path = await mkdtemp(join(tmpdir(), 'logstream-part-'))
  t.teardown(() => rm(path, { recursive: true, force: true }))
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
  const connection = await instance.connect()
  t.teardown(() => {
    connection.closeSync()
    instance.closeSync()
  })
  return { path, connection }
}

// Labels of few streams are sorted as numbers, those of many as texts.
for (const streams of [3, 20_001])
  void t.test(`rows of ${streams} streams are sorted by their labels`, async (t) => {
    const { path, connection } = await folder(t)
    const rows = 2 * streams
    await connection.run(
      `CREATE TABLE unsorted AS SELECT CAST(1 + i % ${streams} AS INTEGER) AS stream_id, ${BEGIN} + i AS ts, 'line ' || i AS line, '' AS metadata, '{"pod":"' || (i % ${streams}) || '"}' AS labels, i AS seq FROM range(${rows}) t(i)`,
    )
    const part = await writePart(connection, {
      database: { path, bindings: loadBindings(), threads: 2 },
      number: 1,
      rowsFrom: 'unsorted',
      arrival: 'seq',
      extent: { oldest: BEGIN, newest: BEGIN + BigInt(rows - 1) },
      day: BEGIN,
      rows,
      filter: new Uint8Array(),
      level: SEALING_LEVEL,
    })
    t.match(part, { rows, from: BEGIN, to: BEGIN + BigInt(rows - 1), structured: false, long: [] })
    const found = await connection.runAndReadAll(
      `SELECT labels, ts, line FROM read_parquet('${join(path, part.file)}') ORDER BY file_row_number`,
    )
    const span = BigInt(Math.floor((rows - 1) / Math.ceil(rows / 20_480))) + 1n
    const spanOf = (ts: bigint): bigint => ts / span
    const sorted = (found.getRows() as [string, bigint, string][]).toSorted(
      ([a, at], [b, bt]) =>
        Number(spanOf(at) - spanOf(bt)) || (a < b ? -1 : a > b ? 1 : 0) || Number(at - bt),
    )
    t.strictSame(found.getRows(), sorted)
    t.equal(new Set(sorted.map(([, , line]) => line)).size, rows, 'each of them once')
    const index = decodeIndex(await readFile(join(path, indexFile(part))))
    t.equal(index.streams.length, streams)
    t.match(index.streams[2], { id: 3, oldest: BEGIN + 2n, newest: BEGIN + 2n + BigInt(streams), rows: 2 })
  })

void t.test('joined files have the same rows in fewer bytes', async (t) => {
  const { path, connection } = await folder(t)
  const next = transactionSource({ seed: 1, badShare: 0 })
  const lines = Array.from({ length: 5000 }, (_, i) => next(1_767_607_200_000 + 40 * i))
  await connection.run(
    `CREATE TABLE unsorted AS SELECT 1::INTEGER AS stream_id, ${BEGIN} + 40000000 * i AS ts, unnest($1::VARCHAR[]) AS line, '' AS metadata, '{}' AS labels, 0 AS seq FROM (SELECT 0::BIGINT AS i)`,
    [listValue(lines)],
  )
  const written = async (number: number, level: number): Promise<{ bytes: number; rows: unknown }> => {
    const part = await writePart(connection, {
      database: { path, bindings: loadBindings(), threads: 2 },
      number,
      rowsFrom: 'unsorted',
      arrival: 'seq',
      extent: { oldest: BEGIN, newest: BEGIN },
      day: BEGIN,
      rows: lines.length,
      filter: new Uint8Array(),
      level,
    })
    const sql = `SELECT line FROM read_parquet('${join(path, part.file)}') ORDER BY line`
    const found = await connection.runAndReadAll(sql)
    return { bytes: part.bytes, rows: found.getRows().flat() }
  }
  const sealed = await written(1, SEALING_LEVEL)
  const joined = await written(2, JOINING_LEVEL)
  t.strictSame(sealed.rows, lines.toSorted())
  t.strictSame(joined.rows, sealed.rows)
  t.ok(joined.bytes < 0.95 * sealed.bytes, `${joined.bytes} bytes of ${sealed.bytes}`)
})
