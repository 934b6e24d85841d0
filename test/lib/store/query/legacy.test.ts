/** Messages of `/api/prom/tail`; its other answers are in the test of Grafana's calls. */
import t from 'tap'
import { legacyTailMessage } from '../../../../lib/store/query/legacy.ts'

void t.test('a message in the shape before 1.0', (t) => {
  const streams = [{ stream: { app: 'a', quoted: '"' }, values: [['1767607200000000001', 'one', {}]] }]
  const told = { labels: '{app="a", quoted="\\""}', entries: [{ ts: '2026-01-05T10:00:00.000000001Z', line: 'one' }] } // prettier-ignore
  t.strictSame(JSON.parse(legacyTailMessage(JSON.stringify({ streams }))), {
    streams: [told],
    dropped_entries: null,
  })
  const dropped = [{ timestamp: '1767607200000000000', labels: { app: 'a' } }]
  t.strictSame(JSON.parse(legacyTailMessage(JSON.stringify({ streams: [], dropped_entries: dropped }))), {
    streams: [],
    dropped_entries: [{ Timestamp: '2026-01-05T10:00:00Z', Labels: '{app="a"}' }],
  })
  t.end()
})
