import t from 'tap'
import { exposeReaders } from '../../../../lib/components/loki.source.file/reader-metrics.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'

void t.test('two readers of one path are one series', async (t) => {
  const metrics = Metrics.create()
  const reader = (path: string, lines: number) => ({
    path,
    counts: { lines, invalid: 0 },
    progress: { read: 10, size: 20 },
  })
  const gaps = exposeReaders(metrics, () => [reader('/a', 1), reader('/a', 2), reader('/b', 4)])
  gaps.value += 9
  const text = await metrics.exposition()
  for (const line of [
    'loki_source_file_read_lines_total{path="/a"} 3',
    'loki_source_file_read_lines_total{path="/b"} 4',
    'loki_source_file_files_active_total 3',
    'logstream_file_gap_bytes_total 9',
  ])
    t.ok(text.includes(`${line}\n`), line)
})
