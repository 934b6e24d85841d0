/** pino's lines as records. */
import t from 'tap'
import { parseRecord } from '../../../lib/transport/record.ts'
import { pinoEncoder } from '../../../lib/transport/pino-record.ts'

const encode = pinoEncoder({ labels: { app: 'shop' } })
const recordOf = (raw: string) => parseRecord(encode(raw).trimEnd())!

void t.test('level, time and trace of a line', (tap) => {
  const line = '{"level":30,"time":1700000000123,"msg":"paid","trace_id":"a1"}'
  const record = recordOf(`${line}\n`)
  tap.same(record, {
    time: 1_700_000_000_123,
    nanos: 0,
    labels: { app: 'shop', level: 'info' },
    line,
    metadata: [['trace_id', 'a1']],
  })
  tap.equal(recordOf('{"level":35,"time":1}').labels['level'], '35', 'a level of one’s own')
  tap.equal(recordOf('{"level":"audit","time":1}').labels['level'], 'audit')
  tap.equal(recordOf('{"time":"2023-11-14T22:13:20.123Z"}').time, 1_700_000_000_123)
  tap.end()
})

void t.test('what is no object is delivered too, at the present time', (tap) => {
  for (const raw of ['plain text', '"text"', 'null', '{"level":30', '{"time":"soon"}', '']) {
    const before = Date.now()
    const { line, labels, time } = recordOf(raw)
    tap.equal(line, raw)
    tap.equal(labels['app'], 'shop')
    tap.ok(time >= before && time <= Date.now())
  }
  tap.end()
})
