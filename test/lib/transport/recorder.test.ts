/** What becomes a label, what metadata, and that equal calls stay apart. */
import t from 'tap'
import { parseRecord } from '../../../lib/transport/record.ts'
import { recorder, type MappingOptions } from '../../../lib/transport/recorder.ts'

const recordsOf = (options: MappingOptions, ...calls: readonly Record<string, unknown>[]) => {
  const record = recorder(options)
  return calls.map((fields) => parseRecord(record(fields, 'line', 1000).trimEnd())!)
}

void t.test('labels and metadata by the names of fields', (tap) => {
  const call = {
    level: 'info',
    trace_id: 'a1',
    status: 200,
    ok: true,
    user: { id: 1 },
    empty: '',
    nothing: null,
  }
  const [plain] = recordsOf({ labels: { app: 'shop' } }, call)
  tap.same(plain!.labels, { app: 'shop', level: 'info' })
  tap.same(plain!.metadata, [['trace_id', 'a1']])
  const names = ['status', 'ok', 'user', 'empty', 'nothing', 'missing', 'toString']
  const [chosen] = recordsOf({ labelsFrom: names, metadataFrom: names }, call)
  tap.same(chosen!.labels, { status: '200', ok: 'true' })
  tap.same(chosen!.metadata, [
    ['status', '200'],
    ['ok', 'true'],
  ])
  tap.end()
})

void t.test('calls of one millisecond get a nanosecond each', (tap) => {
  const record = recorder({})
  const times = [5, 5, 5, 6, 5].map((time) => {
    const { time: ms, nanos } = parseRecord(record({}, 'tick', time).trimEnd())!
    return [ms, nanos]
  })
  tap.same(times, [
    [5, 0],
    [5, 1],
    [5, 2],
    [6, 0],
    [5, 0],
  ])
  tap.end()
})
