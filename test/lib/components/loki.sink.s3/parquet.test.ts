/** Parquet files of several row groups, and values at the edges. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import t from 'tap'
import { parquet } from '../../../../lib/components/loki.sink.s3/parquet.ts'
import { tempDir } from '../../../support/write-harness.ts'

const ROWS = 10_001

void t.test('several row groups, structured metadata, times beyond 64 bits', async (tap) => {
  const entries = Array.from({ length: ROWS }, (_, i) => ({
    labels: '{job="a"}',
    seconds: i === 0 ? -1e15 : i === 1 ? 1e15 : 1_767_323_045,
    nanos: i,
    line: `${i}`,
    structuredMetadata: i % 2 === 0 ? [] : [['trace_id', `t${i}`] as const],
  }))
  const file = join(await tempDir(tap), 'a.parquet')
  await writeFile(file, await parquet('gzip').encode({ name: '', labels: { job: 'a' }, entries, text: '' }))
  const connection = await (await DuckDBInstance.create(':memory:')).connect()
  tap.teardown(() => connection.closeSync())
  const read = async (sql: string) =>
    (await connection.runAndReadAll(sql.replace('FILE', `'${file}'`))).getRowsJson()
  tap.same(
    await read(`SELECT count(*), count(DISTINCT line), count(metadata['trace_id']),
      min(CASE WHEN line = '5' THEN metadata['trace_id'] END) FROM FILE`),
    [[`${ROWS}`, `${ROWS}`, `${(ROWS - 1) / 2}`, 't5']],
  )
  tap.same(
    await read(`SELECT row_group_num_rows, min(compression), max(compression)
      FROM parquet_metadata(FILE) GROUP BY ALL ORDER BY 1 DESC`),
    [
      ['10000', 'GZIP', 'GZIP'],
      ['1', 'GZIP', 'GZIP'],
    ],
  )
  tap.same(
    await read(`SELECT stats_min_value, stats_max_value FROM parquet_metadata(FILE)
      WHERE path_in_schema = 'time' AND row_group_id = 0`),
    [['1677-09-21 00:12:44+00', '2262-04-11 23:47:16+00']],
  )
})
