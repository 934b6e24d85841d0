/** `loki.source.podlogs` on a stand-in API server: which containers `PodLogs` name, and how that changes. */
import t, { type Test } from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourcePodlogs } from '../../../../lib/components/loki.source.podlogs/podlogs.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { until } from '../../../support/component-run.ts'
import { FakeKubernetes, type FakeObject } from '../../../support/fake-kubernetes.ts'
import { FakePod } from '../../../support/fake-pod.ts'
import { finish, sourceContext, take, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'
import { supervised } from '../../../support/supervised.ts'

const PODLOGS = 'apis/monitoring.grafana.com/v1alpha2/podlogs'

interface Running {
  readonly source: Component
  readonly ctx: SourceContext
  readonly next: (count: number) => Promise<Entry[]>
  readonly settle: (done: () => boolean) => Promise<void>
  /** Keys of what is read. */
  readonly targets: () => string[]
}

async function cluster(tap: Test): Promise<FakeKubernetes> {
  const fake = await FakeKubernetes.start(tap)
  for (const [name, team] of [
    ['shop', 'blue'],
    ['other', 'red'],
  ] as const)
    fake.put('api/v1/namespaces', { metadata: { name, labels: { team } } })
  return fake
}

async function reading(
  tap: Test,
  fake: FakeKubernetes,
  options: Record<string, unknown> = {},
  now?: number,
): Promise<Running> {
  const clock = new StepClock(now)
  const ctx = sourceContext({ clock })
  const { name, fields } = lokiSourcePodlogs
  const given = { forward_to: [], client: fake.client, ...options }
  const source = lokiSourcePodlogs.create(decodeInput(name, fields, given as never), ctx)
  tap.teardown(() => source.close?.())
  await source.start?.()
  const settle = (done: () => boolean): Promise<void> =>
    until(() => {
      clock.advance(200)
      return done()
    })
  const next = async (count: number): Promise<Entry[]> => {
    let ended = false
    const taken = take(source.output!, count).finally(() => (ended = true))
    await settle(() => ended)
    return await taken
  }
  const targets = (): string[] =>
    (source.status!() as { targets: { target: string }[] }).targets.map(({ target }) => target)
  return { source, ctx, next, settle, targets }
}

function podLogs(name: string, spec: object, labels: Record<string, string> = {}): FakeObject {
  return { metadata: { name, namespace: 'shop', labels }, spec }
}

void t.test('the labels of lines: defaults, and what rules make of what was discovered', async (tap) => {
  const fake = await cluster(tap)
  new FakePod(fake, 'web', { labels: { app: 'web' } }).write(['a'])
  fake.put(
    PODLOGS,
    podLogs(
      'web',
      {
        selector: { matchLabels: { app: 'web' } },
        relabelings: [
          { sourceLabels: ['__meta_kubernetes_pod_label_app'], targetLabel: 'app' },
          { sourceLabels: ['__meta_kubernetes_namespace_label_team'], targetLabel: 'team' },
          {
            sourceLabels: ['__meta_kubernetes_podlogs_name', '__meta_kubernetes_podlogs_label_v'],
            separator: '/',
            targetLabel: 'rule',
            action: 'Replace',
            replacement: '',
          },
          { sourceLabels: ['__meta_kubernetes_pod_container_init'], regex: 'true', action: 'drop' },
        ],
      },
      { v: '1' },
    ),
  )
  const { source, next } = await reading(tap, fake)
  const [entry] = await next(1)
  tap.equal(entry!.line, 'a')
  tap.same(entry!.labels.toObject(), {
    app: 'web',
    team: 'blue',
    rule: 'web/1',
    instance: 'shop/web:main',
    job: 'shop/web',
  })
  tap.match(source.status!(), { pod_logs: [{ namespace: 'shop', name: 'web', reconcile_error: '' }] })
})

void t.test('what was discovered is kept for components downstream', async (tap) => {
  const fake = await cluster(tap)
  new FakePod(fake, 'web').write(['a'])
  fake.put(PODLOGS, podLogs('all', { selector: {} }))
  const { next } = await reading(tap, fake, { preserve_discovered_labels: true })
  const [entry] = await next(1)
  tap.match(Object.fromEntries(entry!.labels.entries()), {
    __meta_kubernetes_pod_name: 'web',
    __meta_kubernetes_pod_node_name: 'n1',
    __meta_kubernetes_pod_container_image: 'web:1',
    job: 'shop/all',
  })
  tap.equal(entry!.labels.get('__pod_name__'), undefined)
})

void t.test('PodLogs, pods and namespaces that come, change and go', async (tap) => {
  const fake = await cluster(tap)
  const web = new FakePod(fake, 'web', { labels: { app: 'web' } })
  const { settle, targets, next, ctx, source } = await reading(tap, fake)
  const one = podLogs('one', { selector: { matchLabels: { app: 'web' } } })
  fake.put(PODLOGS, one)
  await settle(() => targets().length === 1)
  const api = new FakePod(fake, 'api', { labels: { app: 'api' } })
  fake.put(PODLOGS, podLogs('one', { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }))
  await settle(() => targets().length === 2)
  web.write(['a'])
  api.write(['b'])
  tap.same((await next(2)).map(({ line }) => line).sort(), ['a', 'b'])
  fake.put(PODLOGS, podLogs('two', { selector: {}, namespaceSelector: { matchLabels: { team: 'green' } } }))
  fake.put('api/v1/namespaces', { metadata: { name: 'shop', labels: { team: 'green' } } })
  await settle(() => targets().length === 4)
  web.write(['c'])
  const each = (await next(4)).map(({ line, labels }) => `${labels.get('job')} ${line}`)
  tap.same(each.sort(), ['shop/one c', 'shop/two a', 'shop/two b', 'shop/two c'], 'each by itself')
  fake.put(PODLOGS, podLogs('two', { selector: {}, relabelings: [{ regex: '(', action: 'keep' }] }))
  await settle(() => targets().length === 2)
  tap.match(ctx.logged.join('\n'), /a PodLogs has a mistake, it is left out .*"name":"two"/)
  tap.match(source.status!(), { pod_logs: [{ name: 'one' }, { name: 'two', reconcile_error: /missing/ }] })
  api.delete()
  await settle(() => targets().length === 1)
  fake.remove(PODLOGS, one)
  await settle(() => targets().length === 0)
})

void t.test('selectors of PodLogs and of their namespaces, and one node', async (tap) => {
  const fake = await cluster(tap)
  new FakePod(fake, 'web')
  new FakePod(fake, 'far', { spec: { nodeName: 'n2' } })
  fake.put(PODLOGS, podLogs('mine', { selector: {} }, { v: '1' }))
  fake.put(PODLOGS, podLogs('others', { selector: {} }, { v: '2' }))
  const elsewhere = podLogs('elsewhere', { selector: {} }, { v: '1' })
  elsewhere.metadata.namespace = 'other'
  fake.put(PODLOGS, elsewhere)
  const { settle, targets, source } = await reading(tap, fake, {
    selector: { match_expression: [{ key: 'v', operator: 'In', values: ['1', '3'] }] },
    namespace_selector: { match_labels: { team: 'blue' } },
    node_filter: { enabled: true, node_name: 'n1' },
  })
  await settle(() => targets().length > 0)
  tap.same(targets(), ['shop/web:main'])
  tap.match(source.status!(), { pod_logs: [{ name: 'mine' }] })
  tap.ok(fake.requests.some((path) => path.includes('fieldSelector=spec.nodeName%3Dn1')))
})

void t.test('tail_from_end leaves out what was written before the start', async (tap) => {
  const fake = await cluster(tap)
  const web = new FakePod(fake, 'web')
  web.write(['old', 'new'], 10n * 1_000_000_000n)
  fake.put(PODLOGS, podLogs('all', { selector: {} }))
  const { next, source } = await reading(tap, fake, { tail_from_end: true }, (1_795_887_821 + 15) * 1000)
  tap.same(
    (await next(1)).map(({ line }) => line),
    ['new'],
  )
  tap.same(await finish(source), [])
})

void t.test('a cluster that does not know PodLogs', async (tap) => {
  const fake = await cluster(tap)
  fake.failing = 404
  const { source, settle } = await reading(tap, fake)
  await settle(() => source.health!().state === 'unhealthy')
  tap.match(source.health!().message, 'the Kubernetes API answered 404')
})

void t.test('mistakes', async (tap) => {
  for (const [text, message] of [
    ['client {\nbearer_token = "t"\n}', /c:4:1 bearer_token needs api_server/],
    [
      'selector {\nmatch_expression {\nkey = "a"\noperator = "Like"\n}\n}',
      /c:6:12 operator: expected one of "In", "NotIn", "Exists", "DoesNotExist"/,
    ],
    [
      'namespace_selector {\nmatch_expression {\nkey = "a"\noperator = "In"\n}\n}',
      /c:3:1 In of "a": expected values, found none/,
    ],
    [
      'selector {\nmatch_expression {\nkey = "a"\noperator = "Exists"\nvalues = ["1"]\n}\n}',
      /c:3:1 Exists of "a" takes no values/,
    ],
  ] as const)
    tap.match(
      (await supervised(tap).check(`loki.source.podlogs "x" {\nforward_to = []\n${text}\n}`)).join('\n'),
      message,
      text,
    )
})
