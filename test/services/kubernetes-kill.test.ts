/** kill -9, round after round, of what reads a Kubernetes API (a stand-in): nothing is lost, and little is sent twice. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { FakeKubernetes } from '../support/fake-kubernetes.ts'
import { FakePod } from '../support/fake-pod.ts'
import { startCommand } from '../support/service.ts'

const ROUNDS = 12
const TICK_MS = 5

interface Scene {
  readonly cluster: FakeKubernetes
  /** Writes the line of that number. */
  readonly write: (number: number) => void
  /** What happens in every second life, while the service runs. */
  readonly disturb?: () => void
  /** The number in a line that arrived. */
  readonly numberIn: (line: string) => number
  readonly config: (client: string) => string
}

async function killRounds(tap: Test, { cluster, write, disturb, numberIn, config }: Scene): Promise<void> {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const folder = tap.testdir({ 'ca.pem': cluster.ca })
  const file = join(folder, 'config.alloy')
  const client = `client {
    api_server   = "${cluster.url}"
    bearer_token = "${cluster.token}"
    tls_config { ca_file = "${join(folder, 'ca.pem')}" }
  }`
  writeFileSync(
    file,
    `${config(client)}
loki.write "out" {
  endpoint {
    url        = "${loki.pushUrl}"
    batch_wait = "100ms"
  }
}
`,
  )
  const args = ['run', file, '--server.http.listen-addr=', `--storage.path=${join(folder, 'data')}`]
  let written = 0
  const writer = setInterval(() => write(written++), TICK_MS)
  tap.teardown(() => clearInterval(writer))
  const arrived = new Map<number, number>()
  let counted = 0
  const count = (): number => {
    const entries = loki.entries()
    for (; counted < entries.length; counted++) {
      const number = numberIn(entries[counted]!.line)
      arrived.set(number, (arrived.get(number) ?? 0) + 1)
    }
    return arrived.size
  }
  for (let round = 0; round < ROUNDS; round++) {
    const service = startCommand(args)
    await service.said('msg=running')
    const half = (200 + ((round * 37) % 500)) / 2
    await sleep(half)
    if (round % 2 === 1 && disturb !== undefined) {
      const until = written
      await loki.waitUntil(() => count() >= until)
      disturb()
    }
    await sleep(half)
    tap.equal(await service.end('SIGKILL'), 'SIGKILL', `round ${round + 1}`)
  }
  clearInterval(writer)
  const last = startCommand(args)
  tap.teardown(() => last.child.kill('SIGKILL'))
  await loki.waitUntil(() => count() === written)
  tap.equal(await last.end('SIGTERM'), 0)
  const twice = [...arrived.values()].reduce((sum, times) => sum + times - 1, 0)
  tap.comment(`${written} written in ${ROUNDS} lives: 0 lost, ${twice} sent twice`)
  tap.ok(twice < written / 2, `${twice} of ${written} sent twice`)
}

void t.test('events', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  await killRounds(tap, {
    cluster,
    write: (number) => {
      const name = `event-${number}`
      cluster.put('api/v1/events', {
        metadata: { name, namespace: 'shop', uid: name },
        involvedObject: { kind: 'Pod', name: 'web', namespace: 'shop' },
        message: String(number),
        lastTimestamp: new Date().toISOString(),
      })
    },
    numberIn: (line) => Number((JSON.parse(line) as { msg: string }).msg),
    config: (client) => `loki.source.kubernetes_events "all" {
  log_format = "json"
  forward_to = [loki.write.out.receiver]
  ${client}
}`,
  })
})

const logs = (cluster: FakeKubernetes, web: FakePod): Omit<Scene, 'config'> => ({
  cluster,
  write: (number) => web.write([String(number)], 1000n),
  // Only when all before it has arrived: the API keeps one log from before a restart, and a second one would lose the first.
  disturb: () => web.restart(),
  numberIn: Number,
})

void t.test('the log of a container that is restarted now and then', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  const target = Object.entries(web.target).map(([name, value]) => `${name} = "${value}"`)
  await killRounds(tap, {
    ...logs(cluster, web),
    config: (client) => `loki.source.kubernetes "web" {
  targets    = [{ ${target.join(', ')} }]
  forward_to = [loki.write.out.receiver]
  ${client}
}`,
  })
})

void t.test('the same, named by PodLogs', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  cluster.put('api/v1/namespaces', { metadata: { name: 'shop' } })
  cluster.put('apis/monitoring.grafana.com/v1alpha2/podlogs', {
    metadata: { name: 'all', namespace: 'shop' },
    spec: { selector: {} },
  })
  await killRounds(tap, {
    ...logs(cluster, web),
    config: (client) => `loki.source.podlogs "web" {
  forward_to = [loki.write.out.receiver]
  ${client}
}`,
  })
})
