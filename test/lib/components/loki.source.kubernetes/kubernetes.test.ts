/** `loki.source.kubernetes` on a stand-in API server: where it reads on, and what it does when containers come and go. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Batch } from '../../../../lib/flow/batch.ts'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceKubernetes } from '../../../../lib/components/loki.source.kubernetes/kubernetes.ts'
import { until } from '../../../support/component-run.ts'
import { FakeKubernetes } from '../../../support/fake-kubernetes.ts'
import { FakePod } from '../../../support/fake-pod.ts'
import { fillUp } from '../../../support/held-back.ts'
import { finish, sourceContext, take, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

interface Running {
  readonly source: Component
  readonly ctx: SourceContext
  readonly clock: StepClock
  readonly targets: (...targets: readonly Record<string, string>[]) => void
  /** The next `count` lines; time passes while they are waited for. */
  readonly next: (count: number) => Promise<string[]>
  /** Lets time pass until something is so. */
  readonly settle: (done: () => boolean) => Promise<void>
}

async function reading(
  tap: Test,
  cluster: FakeKubernetes,
  targets: readonly Record<string, string>[],
  dataDir?: string,
): Promise<Running> {
  const clock = new StepClock()
  const ctx = sourceContext({ clock, dataDir, id: 'loki.source.kubernetes.x' })
  const { name, fields } = lokiSourceKubernetes
  const options = (list: readonly Record<string, string>[]) =>
    decodeInput(name, fields, { forward_to: [], client: cluster.client, targets: list } as never)
  const source = lokiSourceKubernetes.create(options(targets), ctx)
  tap.teardown(() => source.close?.())
  await source.start?.()
  const settle = (done: () => boolean): Promise<void> =>
    until(() => {
      clock.advance(200)
      return done()
    })
  const next = async (count: number): Promise<string[]> => {
    let ended = false
    const taken = take(source.output!, count).finally(() => (ended = true))
    await settle(() => ended)
    return (await taken).map(({ line }) => line)
  }
  return { source, ctx, clock, next, settle, targets: (...list) => void source.update!(options(list)) }
}

/** How often the log of the container, or of the one before it, was opened. */
const opened = (cluster: FakeKubernetes, kind = ''): number =>
  cluster.requests.filter((path) => path.includes('/log?') && path.includes(kind)).length

void t.test('lines with their times and labels, without line ends', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  web.write(['one\r', '', 'größe'])
  const { source } = await reading(tap, cluster, [{ ...web.target, app: 'shop', __hidden: 'x' }])
  const entries = await take(source.output!, 3)
  tap.same(
    entries.map(({ line, seconds, labels }) => [line, seconds, labels.toObject()]),
    ['one', '', 'größe'].map((line, i) => [
      line,
      1_795_887_822 + i,
      { app: 'shop', instance: 'shop/web:main', job: 'loki.source.kubernetes.x' },
    ]),
  )
  tap.match(source.status!(), {
    targets: [{ target: 'shop/web:main', labels: { app: 'shop' }, last_error: '' }],
  })
})

void t.test(
  'the position of a pod that was deleted while logstream was down goes after a day',
  async (tap) => {
    const cluster = await FakeKubernetes.start(tap)
    const dataDir = tap.testdir({})
    const [web, job] = [new FakePod(cluster, 'web'), new FakePod(cluster, 'job')]
    web.write(['a'])
    job.write(['b'])
    const keys = (): string[] =>
      [...readFileSync(join(dataDir, 'cursors.json'), 'utf8').matchAll(/"key":"([^"]+)"/g)]
        .map(([, key]) => key!)
        .sort()
    const first = await reading(tap, cluster, [web.target, job.target], dataDir)
    await first.next(2)
    await first.source.stop?.()
    await first.source.close?.()
    tap.equal(keys().length, 2)
    const second = await reading(tap, cluster, [web.target], dataDir)
    second.clock.advance(23 * 3_600_000)
    await second.source.stop?.()
    await second.source.close?.()
    tap.equal(keys().length, 2)
    const third = await reading(tap, cluster, [web.target], dataDir)
    third.clock.advance(26 * 3_600_000)
    web.write(['c'])
    tap.same(await third.next(1), ['c'], 'the other one is read on')
    await third.source.stop?.()
    await third.source.close?.()
    tap.equal(keys().length, 1)
  },
)

void t.test('labels that say which container it is', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  new FakePod(cluster, 'web').write(['a'])
  const { source, ctx, next } = await reading(tap, cluster, [
    {
      __pod_namespace__: 'shop',
      __pod_name__: 'web',
      __pod_container_name__: 'main',
      __pod_uid__: 'uid-web',
      __meta_kubernetes_pod_name: 'another',
    },
    { __meta_kubernetes_namespace: 'shop', __meta_kubernetes_pod_name: 'web' },
  ])
  tap.same(await next(1), ['a'])
  tap.match(ctx.logged.join('\n'), /"label":"__meta_kubernetes_pod_container_name"/)
  tap.same(await finish(source), [])
})

void t.test('a restart reads on after what was acknowledged, also within one nanosecond', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const dataDir = tap.testdir({})
  const web = new FakePod(cluster, 'web')
  const many = Array.from({ length: 1500 }, (_, i) => `line ${i}`)
  web.write(many)
  web.write(['a', 'b', 'c'], 0n)
  const first = await reading(tap, cluster, [web.target], dataDir)
  tap.same(await first.next(1503), [...many, 'a', 'b', 'c'])
  web.write(['unacknowledged'], 0n)
  const batch = (await first.source.output![Symbol.asyncIterator]().next()) as IteratorYieldResult<Batch>
  tap.same(
    batch.value.take().map((entry) => entry.line),
    ['unacknowledged'],
  )
  await first.source.stop?.()
  await first.source.close?.()
  web.write(['d'], 0n)
  const second = await reading(tap, cluster, [web.target], dataDir)
  tap.same(await second.next(2), ['unacknowledged', 'd'])
  tap.match(
    cluster.requests.findLast((path) => path.includes('/log?'))!,
    /sinceTime=2026-11-2\dT/,
  )
})

void t.test('connections that break, and an API server that is away', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  web.write(['a'])
  const { source, ctx, next, settle } = await reading(tap, cluster, [web.target])
  tap.same(await next(1), ['a'])
  cluster.cut()
  web.write(['b'])
  tap.same(await next(1), ['b'])
  tap.equal(source.health!().state, 'healthy')
  cluster.failing = 503
  cluster.cut()
  await settle(() => source.health!().state === 'unhealthy')
  tap.equal(
    source.health!().message,
    'shop/web:main:uid-web: the Kubernetes API answered 503: something is wrong',
  )
  web.write(['c'])
  const asked = cluster.requests.length
  await settle(() => cluster.requests.length > asked + 2)
  cluster.failing = 0
  tap.same(await next(1), ['c'])
  tap.equal(source.health!().state, 'healthy')
  tap.equal(ctx.logged.filter((line) => line.includes('cannot be read')).length, 1, 'it is told once')
})

void t.test('a connection that is closed while its log is held back', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.logsUntilClose = true
  const web = new FakePod(cluster, 'web')
  const { source, next } = await reading(tap, cluster, [web.target])
  const texts = await fillUp(source.output!, 32, (text) => web.write([text]))
  const open = cluster.connections
  web.exit()
  await until(() => cluster.connections < open)
  tap.same(await next(texts.length), texts)
})

void t.test('a container that is restarted: each log to its end', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  web.write(['a'])
  const { next, source } = await reading(tap, cluster, [web.target])
  tap.same(await next(1), ['a'])
  web.write(['b'])
  web.exit(1)
  tap.same(await next(1), ['b'])
  web.restart()
  web.write(['c'])
  tap.same(await next(1), ['c'])
  tap.same(await finish(source), [], 'nothing twice')
})

void t.test('restarts while the log was not read', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const dataDir = tap.testdir({})
  const web = new FakePod(cluster, 'web')
  web.write(['a', 'b'])
  const first = await reading(tap, cluster, [web.target], dataDir)
  tap.same(await first.next(2), ['a', 'b'])
  await finish(first.source)
  web.write(['c'])
  web.restart()
  web.write(['d'])
  const second = await reading(tap, cluster, [web.target], dataDir)
  tap.same(await second.next(2), ['c', 'd'], 'one: the log from before is read on')
  tap.equal(opened(cluster, 'previous=true'), 1)
  tap.notMatch(second.ctx.logged.join('\n'), /restarted several times/)
  const quiet = new FakePod(cluster, 'quiet')
  second.targets(web.target, quiet.target)
  await second.settle(
    () => cluster.requests.at(-1)!.endsWith('/pods/quiet') && opened(cluster, 'quiet') === 1,
  )
  await finish(second.source)
  quiet.write(['its first'])
  quiet.restart()
  const after = await reading(tap, cluster, [quiet.target], dataDir)
  tap.same(await after.next(1), ['its first'], 'of a container that had written nothing')
  await finish(after.source)
  web.write(['lost'])
  web.restart()
  web.write(['e'])
  web.restart()
  web.write(['f'])
  const third = await reading(tap, cluster, [web.target], dataDir)
  tap.same(await third.next(2), ['e', 'f'], 'two: the log in between is gone, and that is said')
  tap.match(third.ctx.logged.join('\n'), /restarted several times/)
  await finish(third.source)
  web.write(['gone'])
  web.restart()
  web.log.previous = undefined
  web.write(['g'])
  const fourth = await reading(tap, cluster, [web.target], dataDir)
  tap.same(await fourth.next(1), ['g'], 'the kubelet has no log from before')
  tap.match(fourth.ctx.logged.join('\n'), /the log from before a restart is gone/)
})

void t.test('a log that was rotated', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  web.write(['a', 'b'])
  const { next, ctx, source } = await reading(tap, cluster, [web.target])
  tap.same(await next(2), ['a', 'b'])
  cluster.rotate(web.log)
  web.write(['c'])
  tap.same(await next(1), ['c'], 'while it is followed')
  web.write(['d'])
  tap.same(await next(1), ['d'])
  cluster.cut()
  web.write(['e'])
  tap.same(await next(1), ['e'], 'read on in the new file')
  tap.notMatch(ctx.logged.join('\n'), /rotated/)
  cluster.cut()
  cluster.rotate(web.log)
  web.write(['f'])
  tap.same(await next(1), ['f'])
  tap.match(ctx.logged.join('\n'), /rotated before it was read: lines may be missing/)
  tap.same(await finish(source), [])
})

void t.test('a pod recreated under its name is another one', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const old = new FakePod(cluster, 'web', { uid: 'old' })
  old.write(['a'])
  const { next, targets, source } = await reading(tap, cluster, [old.target])
  tap.same(await next(1), ['a'])
  old.write(['b'])
  old.delete()
  const fresh = new FakePod(cluster, 'web', { uid: 'fresh' })
  fresh.write(['c'])
  targets(fresh.target)
  tap.same(await next(2), ['b', 'c'])
  tap.match(source.status!(), { targets: [{ target: 'shop/web:main' }] })
  await until(() => (source.status!() as { targets: unknown[] }).targets.length === 1)
  tap.same(await finish(source), [])
})

void t.test('a name that passes to another pod while its log is opened', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const old = new FakePod(cluster, 'web', { uid: 'old' })
  cluster.beforeLog = () => {
    cluster.beforeLog = undefined
    old.delete()
    new FakePod(cluster, 'web', { uid: 'fresh' }).write(['of another'])
  }
  const { source, settle } = await reading(tap, cluster, [old.target])
  // A look, the log, a look that finds the other one, and one that finds that the pod is gone.
  await settle(() => cluster.requests.length >= 3)
  let turns = 0
  await until(() => ++turns > 200)
  await settle(() => cluster.requests.length === 4)
  tap.same(await finish(source), [])
})

void t.test(
  'what has ended for good is asked no more; what has left the targets is read to its end',
  async (tap) => {
    const cluster = await FakeKubernetes.start(tap)
    const job = new FakePod(cluster, 'job', { spec: { restartPolicy: 'Never' } })
    const { next, clock, settle, targets, source } = await reading(tap, cluster, [job.target])
    job.write(['a', 'b'])
    tap.same(await next(2), ['a', 'b'])
    job.exit()
    // Followed: a look, the log, two looks. Read once more since it has ended: the same.
    await settle(() => cluster.requests.length === 8)
    clock.advance(600_000)
    let turns = 0
    await until(() => ++turns > 200)
    tap.equal(cluster.requests.length, 8)
    tap.equal(opened(cluster), 2)
    const web = new FakePod(cluster, 'web')
    web.write(['c'])
    targets(web.target)
    tap.same(await next(1), ['c'])
    web.write(['d'])
    web.delete()
    targets()
    tap.same(await next(1), ['d'])
    const runs = new FakePod(cluster, 'runs')
    runs.write(['e'])
    targets(runs.target)
    tap.same(await next(1), ['e'])
    targets()
    await settle(() => (source.status!() as { targets: unknown[] }).targets.length === 0)
    tap.pass('one that runs on is left at once')
  },
)

void t.test('other labels are taken up in place', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  web.write(['a'])
  const { source, targets } = await reading(tap, cluster, [{ ...web.target, v: '1' }])
  const one = await take(source.output!, 1)
  targets({ ...web.target, v: '2' }, { ...web.target, v: '3' })
  web.write(['b'])
  const two = await take(source.output!, 1)
  tap.same(
    [...one, ...two].map(({ labels }) => labels.get('v')),
    ['1', '2'],
  )
  tap.equal(opened(cluster), 1, 'without opening the log again, and once for several ports')
})

void t.test('a container that starts late', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const web = new FakePod(cluster, 'web')
  const object = { metadata: { name: 'web', namespace: 'shop', uid: web.uid }, spec: {}, status: {} }
  cluster.put('api/v1/pods', object)
  const { next, settle, source } = await reading(tap, cluster, [web.target])
  await settle(() => cluster.requests.length > 2)
  tap.equal(source.health!().state, 'healthy')
  web.restart()
  web.write(['a'])
  tap.same(await next(1), ['a'])
})

void t.test('mistakes', async (tap) => {
  tap.match(
    (
      await supervised(tap).check(
        'loki.source.kubernetes "x" {\ntargets = []\nforward_to = []\nclient {\nbearer_token = "t"\n}\n}',
      )
    ).join('\n'),
    /c:5:1 bearer_token needs api_server/,
  )
})
