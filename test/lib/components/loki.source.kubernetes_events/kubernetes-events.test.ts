/** `loki.source.kubernetes_events` on a stand-in API server: each state of each event once, whatever happens. */
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceKubernetesEvents } from '../../../../lib/components/loki.source.kubernetes_events/kubernetes-events.ts'
import { formatRfc3339Nano } from '../../../../lib/go/rfc3339.ts'
import { until } from '../../../support/component-run.ts'
import { FakeKubernetes, type FakeObject } from '../../../support/fake-kubernetes.ts'
import { finish, sourceContext, take, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

const EVENTS = 'api/v1/events'

interface Running {
  readonly source: Component
  readonly ctx: SourceContext
  readonly clock: StepClock
  /** The messages of the next `count` events. */
  readonly next: (count: number) => Promise<string[]>
}

async function reading(
  tap: Test,
  cluster: FakeKubernetes,
  options: Record<string, unknown> = {},
  dataDir?: string,
): Promise<Running> {
  const clock = new StepClock()
  const ctx = sourceContext({ clock, dataDir, id: 'loki.source.kubernetes_events.x' })
  const { name, fields } = lokiSourceKubernetesEvents
  const given = { forward_to: [], log_format: 'json', client: cluster.client, ...options }
  const source = lokiSourceKubernetesEvents.create(decodeInput(name, fields, given as never), ctx)
  tap.teardown(() => source.close?.())
  await source.start?.()
  const next = async (count: number): Promise<string[]> => {
    let ended = false
    const taken = take(source.output!, count).finally(() => (ended = true))
    await until(() => {
      clock.advance(200)
      return ended
    })
    return (await taken).map(({ line }) => (JSON.parse(line) as { msg: string }).msg)
  }
  return { source, ctx, clock, next }
}

function event(name: string, more: Record<string, unknown> = {}, namespace = 'shop'): FakeObject {
  return {
    metadata: { name, namespace, uid: `uid-${name}` },
    involvedObject: { kind: 'Pod', name: 'web-1', namespace },
    message: name,
    lastTimestamp: '2026-01-02T03:04:05Z',
    ...more,
  }
}

void t.test('an event as logfmt and as JSON, in the words of Alloy', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(EVENTS, {
    metadata: { name: 'web-1.1', namespace: 'shop', uid: 'u' },
    involvedObject: {
      kind: 'Pod',
      name: 'web-1',
      namespace: 'shop',
      apiVersion: 'v1',
      resourceVersion: '17',
    },
    action: 'Pulling',
    reportingInstance: 'node-1',
    reportingComponent: 'kubelet',
    source: { component: 'kubelet', host: 'node-1' },
    reason: 'BackOff',
    type: 'Warning',
    count: 3,
    message: 'Back-off "pulling" <image>\n',
    lastTimestamp: '2026-01-02T03:04:05Z',
    eventTime: '2026-01-02T03:04:06.000007Z',
  })
  const lineAs = async (format: string): Promise<string> => {
    const { source } = await reading(tap, cluster, { log_format: format, job_name: 'events' })
    const [entry] = await take(source.output!, 1)
    tap.same(entry!.labels.toObject(), {
      namespace: 'shop',
      job: 'events',
      instance: 'loki.source.kubernetes_events.x',
    })
    tap.equal(formatRfc3339Nano(entry!.seconds, entry!.nanos), '2026-01-02T03:04:05Z')
    await finish(source)
    return entry!.line
  }
  tap.equal(
    await lineAs('logfmt'),
    'name=web-1 kind=Pod action=Pulling objectAPIversion=v1 objectRV=17 eventRV=2 reportinginstance=node-1 ' +
      'reportingcontroller=kubelet sourcecomponent=kubelet sourcehost=node-1 reason=BackOff type=Warning count=3 ' +
      'msg="Back-off \\"pulling\\" <image>\\n" ',
  )
  tap.equal(
    await lineAs('json'),
    '{"action":"Pulling","count":3,"eventRV":"2","kind":"Pod","msg":"Back-off \\"pulling\\" \\u003cimage\\u003e\\n",' +
      '"name":"web-1","objectAPIversion":"v1","objectRV":"17","reason":"BackOff","reportingcontroller":"kubelet",' +
      '"reportinginstance":"node-1","sourcecomponent":"kubelet","sourcehost":"node-1","type":"Warning"}',
  )
})

void t.test('the time of an event', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(EVENTS, event('a', { lastTimestamp: null, eventTime: '2026-01-02T03:04:06.000007Z' }))
  const created = event('b', { lastTimestamp: null, eventTime: null })
  created.metadata['creationTimestamp'] = '2026-01-02T03:00:00Z'
  cluster.put(EVENTS, created)
  const { source } = await reading(tap, cluster)
  tap.same(
    (await take(source.output!, 2)).map(({ seconds, nanos }) => formatRfc3339Nano(seconds, nanos)),
    ['2026-01-02T03:04:06.000007Z', '2026-01-02T03:00:00Z'],
  )
})

void t.test('what is there, then what happens; updates are events, deletions not', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.pageSize = 2
  for (const name of ['a', 'b', 'c']) cluster.put(EVENTS, event(name))
  const { source, next } = await reading(tap, cluster)
  tap.same(await next(3), ['a', 'b', 'c'])
  await until(() => cluster.watches === 1)
  const d = cluster.put(EVENTS, event('d'))
  cluster.remove(EVENTS, d)
  cluster.put(EVENTS, event('a', { message: 'a again', count: 2 }))
  tap.same(await next(2), ['d', 'a again'])
  tap.equal(source.health!().state, 'healthy')
  tap.match(source.status!(), {
    event_controllers: [{ namespace: '', last_event_timestamp: '2026-01-02T03:04:05.000Z' }],
  })
})

void t.test('namespaces, once each', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  for (const name of ['shop', 'other', 'third']) cluster.put(EVENTS, event(name, {}, name))
  const { source, next } = await reading(tap, cluster, { namespaces: ['shop', 'third', 'shop'] })
  tap.same((await next(2)).sort(), ['shop', 'third'])
  await until(() => cluster.watches === 2)
  tap.same(await finish(source), [])
})

void t.test('a restart reads on, without another list', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const dataDir = tap.testdir({})
  cluster.put(EVENTS, event('a'))
  const first = await reading(tap, cluster, {}, dataDir)
  tap.same(await first.next(1), ['a'])
  await until(() => cluster.watches === 1)
  cluster.put(EVENTS, event('b'))
  tap.same(await first.next(1), ['b'])
  await finish(first.source)
  const late = cluster.put(EVENTS, event('c'))
  cluster.remove(EVENTS, late)
  const asked = cluster.requests.length
  const second = await reading(tap, cluster, {}, dataDir)
  tap.same(await second.next(1), ['c'], 'even what is gone by now')
  tap.same(
    cluster.requests.slice(asked).map((path) => /limit=\d+|watch=true/.exec(path)![0]),
    ['limit=1', 'watch=true'],
  )
})

void t.test('410 Gone, at the start and in between: what is new is read, and nothing twice', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const dataDir = tap.testdir({})
  cluster.put(EVENTS, event('a'))
  const first = await reading(tap, cluster, {}, dataDir)
  tap.same(await first.next(1), ['a'])
  await until(() => cluster.watches === 1)
  cluster.expireWatches()
  cluster.put(EVENTS, event('b'))
  cluster.compact()
  tap.same(await first.next(1), ['b'])
  await until(() => cluster.watches === 1)
  await finish(first.source)
  cluster.put(EVENTS, event('c'))
  cluster.compact()
  const second = await reading(tap, cluster, {}, dataDir)
  tap.same(await second.next(1), ['c'])
  await until(() => cluster.watches === 1)
  tap.same(await finish(second.source), [])
})

void t.test('a cluster that was set back to a backup', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const dataDir = tap.testdir({})
  for (let i = 0; i < 5; i++) cluster.put(EVENTS, event('a', { message: `a${i}` }))
  const first = await reading(tap, cluster, {}, dataDir)
  tap.same(await first.next(1), ['a4'])
  await until(() => cluster.watches === 1)
  cluster.setBack()
  cluster.put(EVENTS, event('old', { lastTimestamp: '2026-01-02T02:00:00Z' }))
  cluster.put(EVENTS, event('b', { lastTimestamp: '2026-01-02T03:05:00Z' }))
  tap.same(await first.next(1), ['b'], 'while it runs')
  tap.match(first.ctx.logged.join('\n'), /the cluster has been set back/)
  await until(() => cluster.watches === 1)
  for (let i = 0; i < 5; i++) cluster.put(EVENTS, event('c', { lastTimestamp: '2026-01-02T03:06:00Z' }))
  tap.same(await first.next(5), ['c', 'c', 'c', 'c', 'c'])
  await finish(first.source)
  cluster.setBack()
  cluster.put(EVENTS, event('d', { lastTimestamp: '2026-01-02T03:07:00Z' }))
  const second = await reading(tap, cluster, {}, dataDir)
  tap.same(await second.next(1), ['d'], 'across a restart')
})

void t.test('an API server that fails between two pages, and is away: each event once', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.pageSize = 1
  for (const name of ['a', 'b', 'c']) cluster.put(EVENTS, event(name))
  cluster.failAfter = 2
  const { source, ctx, next } = await reading(tap, cluster)
  tap.same(await next(2), ['a', 'b'])
  await until(() => source.health!().state === 'unhealthy')
  cluster.failing = 0
  tap.same(await next(1), ['c'])
  await until(() => cluster.watches === 1)
  cluster.failing = 503
  cluster.cut()
  cluster.put(EVENTS, event('d'))
  const asked = cluster.requests.length
  const taken = next(1)
  await until(() => cluster.requests.length > asked + 2)
  tap.match(source.health!().message, 'the Kubernetes API answered 503')
  cluster.failing = 0
  tap.same(await taken, ['d'])
  tap.equal(source.health!().state, 'healthy')
  tap.equal(
    ctx.logged.filter((line) => line.includes('cannot be read')).length,
    2,
    'each time it is told once',
  )
})

void t.test('mistakes', async (tap) => {
  for (const [text, message] of [
    ['job_name = ""', /c:3:1 job_name: expected a label value/],
    ['log_format = "xml"', /c:3:14 log_format: expected one of "logfmt"/],
    ['client {\nbearer_token = "t"\n}', /c:4:1 bearer_token needs api_server/],
  ] as const)
    tap.match(
      (await supervised(tap).check(`loki.source.kubernetes_events "x" {\nforward_to = []\n${text}\n}`)).join(
        '\n',
      ),
      message,
      text,
    )
})
