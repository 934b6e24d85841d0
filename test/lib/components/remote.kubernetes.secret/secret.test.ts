/** The data of a Secret, as it is at the start and as it changes. */
import t from 'tap'
import { remoteKubernetesSecret } from '../../../../lib/components/remote.kubernetes.secret/secret.ts'
import { ComponentBench, until } from '../../../support/component-run.ts'
import { FakeKubernetes } from '../../../support/fake-kubernetes.ts'
import { supervised } from '../../../support/supervised.ts'

const SECRETS = 'api/v1/secrets'

function secret(text: string) {
  const data = { password: Buffer.from(text).toString('base64') }
  return { metadata: { name: 'loki', namespace: 'shop' }, data }
}

const exported = (text: string) =>
  new Map([['data', new Map([['password', { kind: 'secret', text, optional: false }]])]])

void t.test('the data is read before the component is made, then polled', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(SECRETS, secret('größe'))
  const bench = new ComponentBench()
  const input = { namespace: 'shop', name: 'loki', poll_frequency: '30s', client: cluster.client }
  const options = bench.options(remoteKubernetesSecret, input)
  const prepared = await remoteKubernetesSecret.prepare!(options, bench.context)
  tap.same(prepared, exported('größe'))
  const component = bench.create(remoteKubernetesSecret, input, prepared)
  tap.teardown(() => component.close!())
  await component.start!()
  /** One poll later. */
  const polled = async (): Promise<void> => {
    const asked = cluster.requests.length
    await until(() => bench.clock.pending > 0)
    bench.clock.advance(30_000)
    await until(() => cluster.requests.length > asked && bench.clock.pending > 0)
  }
  await polled()
  tap.same(bench.exported, [], 'the same data is nothing new')
  cluster.put(SECRETS, secret('new'))
  await polled()
  tap.same(bench.exported, [exported('new')])
  cluster.failing = 500
  await polled()
  tap.match(component.health!(), {
    state: 'unhealthy',
    message: 'cannot read the secret "shop/loki": the Kubernetes API answered 500: something is wrong',
  })
  cluster.failing = 0
  await polled()
  tap.equal(component.health!().state, 'healthy')
  tap.equal(bench.exported.length, 1)
})

void t.test('a Secret without data', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put(SECRETS, { metadata: { name: 'loki', namespace: 'shop' } })
  const bench = new ComponentBench()
  const options = bench.options(remoteKubernetesSecret, {
    namespace: 'shop',
    name: 'loki',
    client: cluster.client,
  })
  tap.same(await remoteKubernetesSecret.prepare!(options, bench.context), new Map([['data', new Map()]]))
})

void t.test('mistakes', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const ca = JSON.stringify(cluster.ca)
  const client = `client {
api_server = "${cluster.url}"
bearer_token = "${cluster.token}"
tls_config { ca_pem = ${ca} }
}`
  for (const [text, message] of [
    ['namespace = "shop"\nname = ""', /c:3:1 name: expected the name of an object/],
    ['namespace = "shop"\nname = "n"\npoll_timeout = "0s"', /c:4:1 poll_timeout: expected more than 0s/],
    [
      `namespace = "shop"\nname = "n"\n${client}`,
      /c:3:1 cannot read the secret "shop\/n": the Kubernetes API answered 404: "n" not found/,
    ],
  ] as const)
    tap.match(
      (await supervised(tap).check(`remote.kubernetes.secret "x" {\n${text}\n}`)).join('\n'),
      message,
      text,
    )
})

void t.test('outside a cluster a config is checked without the values, and does not run', async (tap) => {
  const run = supervised(tap)
  const config = (client: string, rest: string): string => `
remote.kubernetes.secret "s" {
namespace = "shop"
name      = "loki"
${client}
}
loki.relabel "r" {
forward_to = []
rule {
target_label = "a"
replacement  = remote.kubernetes.secret.s.data["password"]
}
${rest}
}`
  const unread =
    /^c:4:1 remote.kubernetes.secret.s is not read, and what refers to it is checked without its values/
  for (const [client, reason] of [
    ['', /not run in a Kubernetes cluster/],
    ['client { api_server = "http://127.0.0.1:1" }', /cannot reach the Kubernetes API at 127.0.0.1:1/],
  ] as const) {
    const found = await run.check(config(client, ''))
    tap.equal(found.length, 1, client)
    tap.match(found[0], client === '' ? /remote.kubernetes.secret.s is not read/ : unread)
    tap.match(found[0], reason)
    tap.match(
      (await run.check(config(client, 'rule { regex = "(" }'))).join('\n'),
      /is not read[^]*missing closing/,
      'what is wrong beside it is found',
    )
    const loaded = await run.load(config(client, ''))
    tap.match(loaded.join('\n'), reason)
    tap.notMatch(loaded.join('\n'), /is not read/)
    tap.same(run.ids(), [])
  }
})
