import t from 'tap'
import { Metrics } from '../../../lib/telemetry/metrics.ts'
import { kernelDrops, watchUdpDrops } from '../../../lib/intake/udp-drops.ts'

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1129: 0100007F:05EA 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 123 2 0000000000000000 42
 1130: 0100007F:05EB 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 124 2 0000000000000000 7`

void t.test('drops of a port', async (t) => {
  t.equal(kernelDrops(TABLE, '127.0.0.1:1514'), 42)
  t.equal(kernelDrops(TABLE, '[::]:1516'), 0)
  t.equal(kernelDrops('', '127.0.0.1:1514'), 0)
})

void t.test('only open UDP ports have a sample', async (t) => {
  const metrics = Metrics.create()
  watchUdpDrops(metrics, 'drops', () => [
    { protocol: 'tcp', address: '127.0.0.1:1' },
    { protocol: 'udp', address: '' },
    { protocol: 'udp', address: '127.0.0.1:2' },
  ])
  t.strictSame(
    metrics.snapshot()[0]?.samples.map(({ labels }) => labels),
    [{ address: '127.0.0.1:2' }],
  )
})
