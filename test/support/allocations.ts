/**
 * Measures what a line allocates on V8's heap, from a file through stages to Loki, without a look at the clock. Run by
 * `node` with the flags of `ALLOCATION_FLAGS`; arguments: `seed` or `json`, a file of lines, and the push URL. Prints bytes a line.
 */
import { readFileSync } from 'node:fs'
import { PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Duplex } from 'node:stream'
import {
  fileTail,
  json,
  labels,
  lokiWriter,
  match,
  pipeline,
  regex,
  static_labels,
  timestamp,
} from '../../lib/index.ts'

const [, , job = '', file = '', url = ''] = process.argv

const STAGES: Readonly<Record<string, () => Duplex[]>> = {
  seed: () => [
    static_labels({ values: { parse_status: 'failed' } }),
    regex({
      expression:
        '^(?P<date>\\S+)\\|(?P<time_start>\\S+)\\|(?P<time_end>\\S+)\\|(?P<latency>\\d+)\\|(?P<method>\\S+)\\|(?P<detail>[^|]+)\\|(?P<status>\\S+)\\|(?P<code>\\d+)$',
    }),
    labels({ values: { method: '', status: '', code: '' } }),
    match({ selector: '{method=~".+"}' }, [static_labels({ values: { parse_status: 'success' } })]),
  ],
  json: () => [
    json({ expressions: { time: '', level: '', method: '', status: '', duration: '' } }),
    timestamp({ source: 'time', format: 'RFC3339Nano' }),
    labels({ values: { level: '', method: '' } }),
  ],
}

const run = async (): Promise<void> =>
  await pipeline(
    fileTail({ path: file, labels: { job }, follow: false }),
    ...STAGES[job]!(),
    lokiWriter({ url }),
  )

// Node tells of a collection a turn later.
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
let collections = 0
new PerformanceObserver((list) => (collections += list.getEntries().length)).observe({ entryTypes: ['gc'] })

const lines = readFileSync(file, 'latin1').split('\n').length - 1
// What is compiled, cached and interned once isn't a line's.
await run()
globalThis.gc?.()
while (collections === 0) await turn()
collections = 0
const before = getHeapStatistics().used_heap_size
await run()
const after = getHeapStatistics().used_heap_size
await turn()
if (collections > 0) throw new Error('garbage was collected: the heap of the flags is too small for the file')
process.stdout.write(`${Math.round((after - before) / lines)}\n`)
