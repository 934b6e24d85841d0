/** Reloads while lines come in and Loki fails now and then: each stream arrives in order, nothing is lost or sent twice. */
import { setImmediate as turn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { diskFiles } from '../../../../lib/run/modules/config-files.ts'
import { Supervisor } from '../../../../lib/run/supervise/supervisor.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'
import { FakeGraph } from '../../../support/fake-graph.ts'
import { startFakeLoki, type FakeLoki } from '../../../support/fake-loki.ts'

const ROUNDS = 24
const LINES = 40

interface Variant {
  /** Labels of a stage; entries of other labels are of another stream. */
  readonly stream: string
  readonly batchSize: number
  /** Of a sink that has nothing to do with the rest. */
  readonly other: string
}

const config = (url: string, { stream, batchSize, other }: Variant): string => `
test.source "in" { forward_to = [loki.process.p.receiver] }
loki.process "p" {
  forward_to = [loki.write.w.receiver]
  stage.static_labels { values = { stream = "${stream}" } }
}
loki.write "w" {
  endpoint {
    url = "${url}"
    batch_size = "${batchSize}KiB"
    batch_wait = "20ms"
    min_backoff_period = "1ms"
    max_backoff_period = "5ms"
    max_backoff_retries = 2
    queue_config { drain_timeout = "200ms" }
  }
}
test.sink "other" { fail = "${other}" }
`

// Line numbers of each stream, in order of arrival.
function arrivals(loki: FakeLoki): Map<string, number[]> {
  const streams = new Map<string, number[]>()
  for (const { labels, line } of loki.entries()) {
    const numbers = streams.get(labels) ?? []
    streams.set(labels, numbers)
    numbers.push(Number(line))
  }
  return streams
}

async function reloadUnderLoad(tap: Test, variant: (round: number) => Variant): Promise<FakeLoki> {
  // Four in a row are more than an endpoint tries: what it holds goes to the spool, and the next one sends it.
  const loki = await startFakeLoki({ respond: ({ number }) => (number % 12 < 4 ? 503 : 204) })
  tap.teardown(() => loki.close())
  const graph = new FakeGraph()
  let text = ''
  const supervisor = new Supervisor({
    config: () => [{ source: { name: 'c.alloy', text }, modulePath: '/etc' }],
    files: diskFiles,
    log: SILENT,
    metrics: Metrics.create(),
    stability: 'experimental',
    stdlib: new Map(),
    storagePath: tap.testdir({}),
    substitutes: graph.definitions,
  })
  tap.teardown(() => supervisor.stop())
  let sent = 0
  for (let round = 0; round < ROUNDS; round++) {
    text = config(loki.pushUrl, variant(round))
    const loading = supervisor.load().catch(() => undefined)
    if (round === 0) await loading
    for (let i = 0; i < LINES; i++) {
      graph.send('test.source.in', String(sent++))
      await turn()
    }
    await loading
  }
  await loki.waitFor(ROUNDS * LINES)
  return loki
}

void t.test('a loki.write that is replaced hands over in order', async (tap) => {
  const loki = await reloadUnderLoad(tap, (round) => ({
    stream: 'one',
    batchSize: 64 + (round % 3),
    other: round % 4 === 3 ? 'start' : '',
  }))
  tap.ok(loki.pushes.length > loki.count / LINES / 2, 'in many pushes')
  tap.same([...arrivals(loki).values()], [Array.from({ length: ROUNDS * LINES }, (_, i) => i)])
})

void t.test('stages that change make streams, each of them in order', async (tap) => {
  const loki = await reloadUnderLoad(tap, (round) => ({
    stream: `s${round % 3}`,
    batchSize: round % 5 === 0 ? 32 : 64,
    other: '',
  }))
  tap.equal(loki.count, ROUNDS * LINES, 'nothing is lost or sent twice')
  const streams = arrivals(loki)
  tap.equal(streams.size, 3)
  for (const [labels, numbers] of streams)
    tap.same(
      numbers,
      numbers.toSorted((a, b) => a - b),
      labels,
    )
})
