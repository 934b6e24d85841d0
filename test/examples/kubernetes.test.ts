/**
 * The manifests of `examples/kubernetes`: what Kubernetes' schema says of them, that their parts fit together, and that their
 * configs run on a stand-in API server, and ask it for what their roles allow and nothing else.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t, { type Test } from 'tap'
import { parse, parseAllDocuments } from 'yaml'
import { main } from '../../lib/cli/main.ts'
import { until } from '../support/component-run.ts'
import { fakeIo } from '../support/fake-io.ts'
import { FakeKubernetes } from '../support/fake-kubernetes.ts'
import { FakePod } from '../support/fake-pod.ts'
import { startFakeLoki, type FakeLoki } from '../support/fake-loki.ts'
import { schemaProblems } from '../support/kubernetes-schema.ts'
import { startCommand } from '../support/service.ts'

const FOLDER = 'examples/kubernetes'

interface Named {
  readonly name: string
}

interface Mount extends Named {
  readonly mountPath: string
}

interface Container {
  readonly args: readonly string[]
  readonly volumeMounts: readonly Mount[]
  readonly ports: readonly (Named & { readonly containerPort: number })[]
  readonly readinessProbe: { readonly httpGet: { readonly path: string; readonly port: string } }
}

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly data?: Readonly<Record<string, string>>
  readonly rules?: readonly {
    readonly resources: readonly string[]
    readonly verbs: readonly string[]
  }[]
  readonly roleRef?: Named
  readonly subjects?: readonly Named[]
  readonly spec?: {
    readonly selector: { readonly matchLabels?: object }
    readonly template: {
      readonly metadata: { readonly labels: object }
      readonly spec: {
        readonly serviceAccountName?: string
        readonly containers: readonly [Container]
        readonly volumes: readonly (Named & { readonly configMap?: Named })[]
      }
    }
    readonly volumeClaimTemplates?: readonly { readonly metadata: Named }[]
  }
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

function manifests(file: string): Manifest[] {
  return parseAllDocuments(readFileSync(join(FOLDER, file), 'utf8')).map((each) => each.toJS() as Manifest)
}

function the(file: string, ...kinds: readonly string[]): Manifest {
  return manifests(file).find(({ kind }) => kinds.includes(kind))!
}

void t.test('the schema of Kubernetes', (tap) => {
  for (const file of files)
    for (const each of manifests(file)) tap.same(schemaProblems(each), [], `${file}: ${each.kind}`)
  const broken = structuredClone(the('node.yaml', 'DaemonSet')) as unknown as { spec: { replicas: number } }
  broken.spec.replicas = 1
  tap.match(schemaProblems(broken as unknown as Manifest), [{ instancePath: '/spec' }], 'a mistake is one')
  tap.end()
})

void t.test('the parts of a file fit together', (tap) => {
  for (const file of files) {
    const workload = the(file, 'DaemonSet', 'StatefulSet').spec!
    const pod = workload.template.spec
    const [container] = pod.containers
    tap.same(workload.selector.matchLabels, workload.template.metadata.labels, file)
    const volumes = [...pod.volumes, ...(workload.volumeClaimTemplates ?? []).map(({ metadata }) => metadata)]
    const names = (list: readonly Named[]): string[] => list.map(({ name }) => name).sort()
    tap.same(names(container.volumeMounts), names(volumes))
    const config = the(file, 'ConfigMap')
    tap.equal(pod.volumes.find(({ name }) => name === 'config')!.configMap!.name, config.metadata.name)
    const text = config.data!['config.alloy']!
    const paths = [...text.matchAll(/"(\/(?:var|run)\/[^"]*)"/g)].map(([, path]) => path!)
    for (const path of [...paths, ...container.args.filter((each) => each.startsWith('/'))])
      tap.ok(
        container.volumeMounts.some(({ mountPath }) => path.startsWith(`${mountPath}/`)),
        path,
      )
    const { port } = container.readinessProbe.httpGet
    const { containerPort } = container.ports.find(({ name }) => name === port)!
    tap.ok(container.args.some((arg) => arg.endsWith(`listen-addr=0.0.0.0:${containerPort}`)))
    if (pod.serviceAccountName === undefined) continue
    const binding = the(file, 'ClusterRoleBinding')
    tap.equal(binding.roleRef!.name, the(file, 'ClusterRole').metadata.name)
    tap.same(names(binding.subjects!), [pod.serviceAccountName])
    tap.equal(the(file, 'ServiceAccount').metadata.name, pod.serviceAccountName)
  }
  tap.end()
})

/** Writes the config of a file as it is on a machine of the test. */
function configOf(file: string, folder: string, cluster?: FakeKubernetes): string {
  const kubeconfig = `kubeconfig_file = "${join(folder, 'kubeconfig')}"`
  writeFileSync(join(folder, 'password'), 'x')
  if (cluster !== undefined)
    writeFileSync(
      join(folder, 'kubeconfig'),
      JSON.stringify({
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
        clusters: [
          {
            name: 'c',
            cluster: {
              server: cluster.url,
              'certificate-authority-data': Buffer.from(cluster.ca).toString('base64'),
            },
          },
        ],
        users: [{ name: 'u', user: { token: cluster.token } }],
      }),
    )
  const path = join(folder, 'config.alloy')
  writeFileSync(
    path,
    the(file, 'ConfigMap')
      .data!['config.alloy']!.replaceAll('/run/secrets/logstream', folder)
      .replaceAll('/var/l', `${folder}/l`)
      .replace('role = "pod"', `role = "pod"\n${kubeconfig}`)
      .replaceAll(/(loki.source.kubernetes\w* "\w+" \{)/g, `$1\nclient { ${kubeconfig} }`)
      .replace('level  = "warn"', 'level = "info"'),
  )
  return path
}

/** What was asked, as the rules of a role say it. */
function asked(requests: readonly string[]): string[] {
  const found = requests.map((request) => {
    const { pathname, searchParams } = new URL(request, 'https://k')
    const [, resource, name, part] =
      /^\/api\/v1(?:\/namespaces\/[^/]+)?\/(\w+)(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(pathname)!
    const verb = name !== undefined ? 'get' : searchParams.get('watch') === 'true' ? 'watch' : 'list'
    return `${verb} ${part === undefined ? resource : `${resource}/${part}`}`
  })
  return [...new Set(found)].sort()
}

function allowed(file: string): string[] {
  return the(file, 'ClusterRole')
    .rules!.flatMap(({ resources, verbs }) =>
      resources.flatMap((each) => verbs.map((verb) => `${verb} ${each}`)),
    )
    .sort()
}

async function running(
  tap: Test,
  file: string,
  cluster: FakeKubernetes,
  folder: string,
): Promise<{ loki: FakeLoki; end: () => Promise<unknown> }> {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const service = startCommand(
    [
      'run',
      configOf(file, folder, cluster),
      '--server.http.listen-addr=',
      `--storage.path=${join(folder, 'data')}`,
    ],
    { NODE_NAME: 'n1', LOKI_URL: loki.pushUrl },
  )
  tap.teardown(() => service.child.kill('SIGKILL'))
  return { loki, end: () => service.end('SIGTERM') }
}

void t.test('node.yaml: pods of the node from their files', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  new FakePod(cluster, 'web', { labels: { 'app.kubernetes.io/name': 'shop' } })
  new FakePod(cluster, 'far', { spec: { nodeName: 'n2' } })
  const folder = tap.testdir({})
  for (const pod of ['web', 'far']) {
    const logs = join(folder, `log/pods/shop_${pod}_uid-${pod}/main`)
    mkdirSync(logs, { recursive: true })
    writeFileSync(join(logs, '0.log'), `2026-11-29T08:00:00Z stdout F of ${pod}\n`)
  }
  const { loki, end } = await running(tap, 'node.yaml', cluster, folder)
  await loki.waitFor(1)
  await until(() => asked(cluster.requests).includes('watch pods'))
  await end()
  tap.same(
    loki.entries().map(({ line, labels }) => `${labels} ${line}`),
    ['{app="shop", container="main", namespace="shop", pod="web", stream="stdout"} of web'],
  )
  tap.same(asked(cluster.requests), allowed('node.yaml'))
})

void t.test('api.yaml: logs and events through the API', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  new FakePod(cluster, 'web').write(['of web'])
  cluster.put('api/v1/events', {
    metadata: { name: 'e', namespace: 'shop', uid: 'e' },
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'shop' },
    message: 'pulled',
    lastTimestamp: '2026-11-29T08:00:00Z',
  })
  const { loki, end } = await running(tap, 'api.yaml', cluster, tap.testdir({}))
  await loki.waitFor(2)
  await until(() => asked(cluster.requests).includes('watch events'))
  await end()
  tap.same(
    loki
      .entries()
      .map(({ line }) => line)
      .sort(),
    ['of web', '{"eventRV":"3","kind":"Pod","msg":"pulled","name":"web"}'],
  )
  tap.same(asked(cluster.requests), allowed('api.yaml'))
})

void t.test('store.yaml: the config is valid', async (tap) => {
  const io = fakeIo()
  tap.equal(await main(['validate', configOf('store.yaml', tap.testdir({}))], io), 0, io.err())
})

void t.test('the configs are formatted', async (tap) => {
  for (const file of files) {
    const path = join(tap.testdir({}), 'config.alloy')
    writeFileSync(path, the(file, 'ConfigMap').data!['config.alloy']!)
    const io = fakeIo()
    tap.equal(await main(['fmt', '--test', path], io), 0, `${file} ${io.err()}`)
  }
})

void t.test("the chart's defaults are those of the manifests", (tap) => {
  const chart = (name: string): unknown => parse(readFileSync(join(FOLDER, 'chart', name), 'utf8'))
  const values = chart('values.yaml') as Readonly<Record<string, unknown>>
  const schema = JSON.parse(readFileSync(join(FOLDER, 'chart/values.schema.json'), 'utf8')) as object
  tap.equal(values['config'], the('node.yaml', 'ConfigMap').data!['config.alloy'])
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string }
  tap.match(chart('Chart.yaml'), { version, appVersion: version })
  tap.equal(values['image'], `registry.example/logstream:${version}`)
  const validate = new Ajv({ strict: false }).compile(schema)
  tap.ok(validate(values), JSON.stringify(validate.errors))
  tap.notOk(validate({ ...values, toleration: [] }), 'an unknown value')
  tap.end()
})

void t.test('a config as charts of Alloy write them: the part for logs is valid', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  cluster.put('api/v1/secrets', {
    metadata: { name: 'loki', namespace: 'monitoring' },
    data: { tenantId: base64('t'), username: base64('u'), password: base64('p') },
  })
  const folder = tap.testdir({})
  configOf('api.yaml', folder, cluster)
  const client = `kubeconfig_file = "${join(folder, 'kubeconfig')}"`
  const path = join(folder, 'chart.alloy')
  writeFileSync(
    path,
    `
declare "pod_logs" {
  argument "destinations" { comment = "receivers of the lines" }

  discovery.kubernetes "pods" {
    role = "pod"
    ${client}
    selectors {
      role  = "pod"
      field = "spec.nodeName=" + constants.hostname
    }
    selectors {
      role  = "pod"
      label = "logs=yes"
    }
  }
  loki.source.kubernetes "pods" {
    targets    = discovery.kubernetes.pods.targets
    forward_to = argument.destinations.value
    client { ${client} }
    clustering { enabled = true }
  }
  loki.source.podlogs "objects" {
    forward_to = argument.destinations.value
    client { ${client} }
    node_filter { enabled = true }
  }
}
pod_logs "all" { destinations = [loki.write.out.receiver] }
loki.source.kubernetes_events "all" {
  job_name   = "integrations/kubernetes/eventhandler"
  log_format = "logfmt"
  forward_to = [loki.write.out.receiver]
  client { ${client} }
  clustering { enabled = true }
}
remote.kubernetes.secret "out" {
  name      = "loki"
  namespace = "monitoring"
  client { ${client} }
}
loki.write "out" {
  endpoint {
    url       = "http://loki/loki/api/v1/push"
    tenant_id = convert.nonsensitive(remote.kubernetes.secret.out.data["tenantId"])
    basic_auth {
      username = convert.nonsensitive(remote.kubernetes.secret.out.data["username"])
      password = remote.kubernetes.secret.out.data["password"]
    }
  }
}
prometheus.scrape "pods" { }
`,
  )
  const io = fakeIo()
  tap.equal(await main(['validate', '--logs-only', path], io), 0, io.err())
})
