/** `loki.source.docker` on a stand-in engine: where it reads on, and what it does when containers come and go. */
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import type { Component } from '../../../../lib/component/component.ts'
import { lokiSourceDocker } from '../../../../lib/components/loki.source.docker/docker.ts'
import { DELIVERED } from '../../../../lib/flow/outcome.ts'
import type { Batch } from '../../../../lib/flow/batch.ts'
import { startFakeDocker, type FakeContainer, type FakeDocker } from '../../../support/fake-docker.ts'
import { until } from '../../../support/component-run.ts'
import { fillUp } from '../../../support/held-back.ts'
import { metric, sourceContext, take, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

const SECOND = 1_000_000_000n
const T0 = 1_795_887_821n * SECOND
const ID = '__meta_docker_container_id'

interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly clock: StepClock
  readonly targets: (...containers: FakeContainer[]) => void
}

async function engine(tap: Test): Promise<FakeDocker> {
  const docker = await startFakeDocker()
  tap.teardown(() => docker.close())
  return docker
}

async function source(
  tap: Test,
  host: string,
  dataDir: string | undefined,
  ...containers: FakeContainer[]
): Promise<Running> {
  const clock = new StepClock()
  const ctx = sourceContext({ clock, dataDir })
  const options = (list: readonly FakeContainer[]) =>
    decodeInput('loki.source.docker', lokiSourceDocker.fields, {
      host,
      targets: list.map(({ id, name }) => ({ [ID]: id, name })),
      forward_to: [],
      labels: { job: 'docker' },
    })
  const component = lokiSourceDocker.create(options(containers), ctx)
  tap.teardown(async () => {
    await component.stop?.()
    await component.close?.()
  })
  await component.start?.()
  return { component, ctx, clock, targets: (...list) => void component.update!(options(list)) }
}

const lines = async (component: Component, count: number): Promise<string[]> =>
  (await take(component.output!, count)).map(({ line }) => line)

void t.test('lines with their times and labels; empty ones are left out', async (tap: Test) => {
  const docker = await engine(tap)
  const web = docker.run('web')
  docker.write(web, 'one', T0 + 5n)
  docker.write(web, '', T0 + 6n)
  docker.write(web, 'two', T0 + 7n, 2)
  const { component, ctx } = await source(tap, docker.host, undefined, web)
  const entries = await take(component.output!, 2)
  tap.strictSame(
    entries.map(({ line, seconds, nanos, labels }) => [line, seconds, nanos, labels.text]),
    [
      ['one', 1_795_887_821, 5, '{job="docker", name="web"}'],
      ['two', 1_795_887_821, 7, '{job="docker", name="web"}'],
    ],
  )
  tap.equal(metric(ctx, 'loki_source_docker_target_entries_total'), 2)
})

void t.test(
  'the next start reads on after the last acknowledged line, also within one nanosecond',
  async (tap: Test) => {
    const docker = await engine(tap)
    const dataDir = tap.testdir({})
    const web = docker.run('web')
    for (const text of ['a', 'b', 'c', 'd']) docker.write(web, text, T0)
    const first = await source(tap, docker.host, dataDir, web)
    const batch = (await first.component.output![Symbol.asyncIterator]().next()) as IteratorResult<Batch>
    const entries = batch.value.take() as { line: string; ack: { settle(outcome: unknown): void } }[]
    tap.strictSame(
      entries.map(({ line }) => line),
      ['a', 'b', 'c', 'd'],
    )
    for (const { ack } of entries) ack.settle(DELIVERED)
    await first.component.stop?.()
    await first.component.close?.()
    docker.write(web, 'e', T0)
    const second = await source(tap, docker.host, dataDir, web)
    tap.strictSame(await lines(second.component, 1), ['e'])
  },
)

void t.test('what was not acknowledged is read again', async (tap: Test) => {
  const docker = await engine(tap)
  const dataDir = tap.testdir({})
  const web = docker.run('web')
  docker.write(web, 'a', T0)
  const first = await source(tap, docker.host, dataDir, web)
  await first.component.output![Symbol.asyncIterator]().next()
  const second = await source(tap, docker.host, dataDir, web)
  tap.strictSame(await lines(second.component, 1), ['a'])
})

void t.test('an engine that stops and comes back', async (tap: Test) => {
  const docker = await engine(tap)
  const web = docker.run('web')
  docker.write(web, 'a', T0)
  const { component, ctx, clock } = await source(tap, docker.host, undefined, web)
  tap.strictSame(await lines(component, 1), ['a'])
  docker.cut()
  await until(() => component.health!().state !== 'healthy')
  tap.match(component.health!().message, /^container webwebwebweb: /)
  docker.write(web, 'b', T0 + 1n)
  const more = lines(component, 1)
  clock.advance(5000)
  tap.strictSame(await more, ['b'])
  tap.equal(component.health!().state, 'healthy')
  tap.match(ctx.logged.join('\n'), /the log of a container cannot be read .*/)
})

void t.test('a connection that is closed while its log is held back', async (tap: Test) => {
  const docker = await engine(tap)
  docker.logsUntilClose = true
  const web = docker.run('web', { tty: true })
  const { component } = await source(tap, docker.host, undefined, web)
  let time = T0
  const texts = await fillUp(component.output!, 33, (text) => docker.write(web, text, time++))
  const open = docker.connections()
  docker.exit(web)
  await until(() => docker.connections() < open)
  tap.strictSame(await lines(component, texts.length), texts)
})

void t.test('the rest of a container that has exited and left the list is read', async (tap: Test) => {
  const docker = await engine(tap)
  const web = docker.run('web')
  docker.write(web, 'a', T0)
  const { component, targets } = await source(tap, docker.host, undefined, web)
  tap.strictSame(await lines(component, 1), ['a'])
  docker.write(web, 'b', T0 + 1n)
  docker.exit(web)
  targets()
  tap.strictSame(await lines(component, 1), ['b'])
})

void t.test('a container recreated under its name is another one', async (tap: Test) => {
  const docker = await engine(tap)
  const old = docker.run('web')
  docker.write(old, 'old', T0)
  const { component, targets } = await source(tap, docker.host, undefined, old)
  tap.strictSame(await lines(component, 1), ['old'])
  docker.exit(old)
  docker.containers.delete(old.id)
  const fresh = docker.run('web', { id: 'f'.repeat(64) })
  docker.write(fresh, 'new', T0 - SECOND)
  targets(fresh)
  tap.strictSame(await lines(component, 1), ['new'])
})

void t.test('mistakes', async (tap) => {
  for (const [text, message] of [
    [
      'loki.source.docker "x" {\nforward_to = []\nhost = "here"\ntargets = []\n}',
      /c:3:1 host: expected a URL/,
    ],
    [
      'loki.source.docker "x" {\nforward_to = []\nhost = "tcp://h"\ntargets = []\nrefresh_interval = "0s"\n}',
      /c:5:1 refresh_interval: expected more than 0s/,
    ],
    ['discovery.docker "x" { host = "here" }', /host: expected a URL/],
    [
      'discovery.docker "x" {\nhost = "tcp://h"\nfilter { name = "a" }\n}',
      /c:3:1 missing required attribute "values"/,
    ],
  ] as const)
    tap.match((await supervised(tap).check(text)).join('\n'), message, text)
})
