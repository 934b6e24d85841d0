/** `discovery.kubernetes` on a stand-in API server: targets as objects change, and what it does through outages. */
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { discoveryKubernetes } from '../../../../lib/components/discovery.kubernetes/discovery-kubernetes.ts'
import { until } from '../../../support/component-run.ts'
import { FakeKubernetes, type FakeObject } from '../../../support/fake-kubernetes.ts'
import { metric, sourceContext, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

const PODS = 'api/v1/pods'
const NODES = 'api/v1/nodes'

interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly clock: StepClock
  /** Names of the pods in the last export. */
  readonly names: () => string[]
  readonly targets: () => readonly ReadonlyMap<string, string>[]
}

async function discovery(tap: Test, options: Record<string, unknown>): Promise<Running> {
  const clock = new StepClock()
  let targets: readonly ReadonlyMap<string, string>[] = []
  const ctx = sourceContext({
    clock,
    export: (exports) => {
      targets = exports.get('targets') as readonly ReadonlyMap<string, string>[]
    },
  })
  const decoded = decodeInput('discovery.kubernetes', discoveryKubernetes.fields, options as never)
  const component = discoveryKubernetes.create(decoded, ctx)
  tap.teardown(() => component.close?.())
  await component.start?.()
  const names = (): string[] => targets.map((each) => each.get('__meta_kubernetes_pod_name')!)
  return { component, ctx, clock, names, targets: () => targets }
}

function pod(
  name: string,
  more: { namespace?: string; node?: string; labels?: Record<string, string> } = {},
): FakeObject {
  const { namespace = 'shop', node = 'n1', labels = { app: 'web' } } = more
  return {
    metadata: { name, namespace, uid: `uid-${name}`, labels },
    spec: { nodeName: node, containers: [{ name: 'main', image: 'web:1' }] },
    status: { phase: 'Running', podIP: '10.0.0.1', hostIP: '192.168.0.1' },
  }
}

/** Changes come over a real socket: time moves until what they bring is there. */
async function settle({ clock }: Running, done: () => boolean): Promise<void> {
  await until(() => {
    clock.advance(200)
    return done()
  })
}

void t.test('pods are seen as they come, change and go', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(PODS, pod('a'))
  const running = await discovery(tap, { role: 'pod', ...cluster.client })
  tap.strictSame(running.names(), ['a'])
  const b = cluster.put(PODS, pod('b'))
  await settle(running, () => running.names().length === 2)
  cluster.put(PODS, pod('a', { labels: { app: 'api' } }))
  await settle(running, () => running.targets()[0]!.get('__meta_kubernetes_pod_label_app') === 'api')
  cluster.remove(PODS, b)
  await settle(running, () => running.names().length === 1)
  tap.strictSame(running.names(), ['a'])
  tap.equal(running.component.health!().state, 'healthy')
  tap.same(running.component.status!(), { role: 'pod', objects: { pod: 1 }, targets: 1 })
})

void t.test('a large cluster is listed page by page', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.pageSize = 2
  for (const name of ['a', 'b', 'c', 'd', 'e']) cluster.put(PODS, pod(name))
  const running = await discovery(tap, { role: 'pod', ...cluster.client })
  tap.strictSame(running.names(), ['a', 'b', 'c', 'd', 'e'])
})

void t.test('namespaces and selectors are asked of the API server', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(PODS, pod('a'))
  cluster.put(PODS, pod('b', { namespace: 'other' }))
  cluster.put(PODS, pod('c', { node: 'n2' }))
  cluster.put(PODS, pod('d', { labels: {} }))
  const running = await discovery(tap, {
    role: 'pod',
    ...cluster.client,
    namespaces: { names: ['shop', 'shop'] },
    selectors: [
      { role: 'pod', field: 'spec.nodeName=n1' },
      { role: 'pod', label: 'app=web' },
    ],
  })
  tap.strictSame(running.names(), ['a'])
  tap.notOk(
    cluster.requests.some((path) => path.startsWith('/api/v1/pods')),
    'nothing else was read',
  )
})

void t.test('labels of nodes and namespaces are attached, and follow them', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(PODS, pod('a'))
  cluster.put(PODS, pod('b', { node: 'left-out' }))
  cluster.put(NODES, { metadata: { name: 'n1', labels: { zone: 'x' } } })
  cluster.put('api/v1/namespaces', { metadata: { name: 'shop', labels: { team: 'blue' } } })
  const running = await discovery(tap, {
    role: 'pod',
    ...cluster.client,
    attach_metadata: { node: true, namespace: true },
  })
  tap.strictSame(running.names(), ['a'], 'a pod whose node a selector has left out is left out')
  const label = (name: string): string | undefined => running.targets()[0]!.get(`__meta_kubernetes_${name}`)
  tap.equal(label('node_label_zone'), 'x')
  tap.equal(label('node_name'), 'n1')
  tap.equal(label('namespace_label_team'), 'blue')
  cluster.put(NODES, { metadata: { name: 'n1', labels: { zone: 'y' } } })
  await settle(running, () => label('node_label_zone') === 'y')
})

void t.test('a watch that ends or breaks is resumed without another list', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(PODS, pod('a'))
  const running = await discovery(tap, { role: 'pod', ...cluster.client })
  await until(() => cluster.watches === 1)
  const lists = (): number => cluster.requests.filter((path) => path.includes('limit=500')).length
  for (const [how, name] of [
    ['endWatches', 'b'],
    ['cut', 'c'],
  ] as const) {
    cluster[how]()
    cluster.put(PODS, pod(name))
    await settle(running, () => running.names().includes(name))
  }
  tap.equal(lists(), 1)
  tap.equal(running.component.health!().state, 'healthy')
})

void t.test('410 Gone: everything is listed again, and what has gone is gone', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const a = cluster.put(PODS, pod('a'))
  const running = await discovery(tap, { role: 'pod', ...cluster.client })
  await until(() => cluster.watches === 1)
  cluster.endWatches()
  cluster.remove(PODS, a)
  cluster.put(PODS, pod('b'))
  cluster.compact()
  await settle(running, () => running.names().includes('b'))
  tap.strictSame(running.names(), ['b'])
  await until(() => cluster.watches === 1)
  cluster.expireWatches()
  cluster.put(PODS, pod('c'))
  cluster.compact()
  await settle(running, () => running.names().includes('c'))
  tap.strictSame(running.names(), ['b', 'c'])
})

void t.test('a cluster that was set back to a backup: what it has now', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  for (const name of ['a', 'b', 'c']) cluster.put(PODS, pod(name))
  const running = await discovery(tap, { role: 'pod', ...cluster.client })
  await until(() => cluster.watches === 1)
  cluster.setBack()
  cluster.put(PODS, pod('d'))
  await settle(running, () => running.names().includes('d'))
  tap.strictSame(running.names(), ['d'])
})

void t.test('an API server that is away keeps the last targets, and is told', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(PODS, pod('a'))
  const running = await discovery(tap, { role: 'pod', ...cluster.client })
  const { component, ctx, names } = running
  await until(() => cluster.watches === 1)
  cluster.failing = 503
  cluster.endWatches()
  await settle(running, () => component.health!().state === 'unhealthy')
  tap.match(component.health!().message, 'the Kubernetes API answered 503: something is wrong')
  tap.strictSame(names(), ['a'])
  const asked = cluster.requests.length
  await settle(running, () => cluster.requests.length >= asked + 3)
  tap.equal(ctx.logged.filter((line) => line.includes('cannot be read')).length, 1, 'it is told once')
  cluster.failing = 0
  cluster.put(PODS, pod('b'))
  await settle(running, () => names().length === 2)
  tap.equal(component.health!().state, 'healthy')
  tap.ok(metric(ctx, 'prometheus_sd_kubernetes_failures_total') >= 3)
})

void t.test('a start without an API server, and a token that was replaced', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(PODS, pod('a'))
  const folder = tap.testdir({ token: 'wrong' })
  const { api_server, tls_config } = cluster.client
  const running = await discovery(tap, {
    role: 'pod',
    api_server,
    tls_config,
    bearer_token_file: `${folder}/token`,
  })
  tap.match(running.component.health!().message, 'answered 401: Unauthorized')
  tap.strictSame(running.names(), [])
  const { writeFile } = await import('node:fs/promises')
  await writeFile(`${folder}/token`, `${cluster.token}\n`)
  await settle(running, () => running.names().length === 1)
  tap.equal(running.component.health!().state, 'healthy')
})

void t.test('mistakes', async (tap) => {
  for (const [text, message] of [
    [`role = "pods"`, /c:2:8 role: expected one of "pod"/],
    ['role = "pod"\napi_server = "here"', /c:3:1 api_server: expected an http or https URL/],
    [
      'role = "pod"\napi_server = "http://k"\nkubeconfig_file = "f"',
      /c:4:1 api_server and kubeconfig_file are both set/,
    ],
    ['role = "pod"\nbearer_token = "t"', /c:3:1 bearer_token needs api_server/],
    [
      'role = "pod"\nkubeconfig_file = "f"\ntls_config { server_name = "s" }',
      /tls_config and kubeconfig_file are both set/,
    ],
    [
      'role = "pod"\nselectors { role = "service" }',
      /the role "pod" takes selectors of pod, node, found one of "service"/,
    ],
    [
      'role = "pod"\napi_server = "http://k"\nnamespaces { own_namespace = true }',
      /own_namespace is that of the pod/,
    ],
  ] as const)
    tap.match(
      (await supervised(tap).check(`discovery.kubernetes "x" {\n${text}\n}`)).join('\n'),
      message,
      text,
    )
})
