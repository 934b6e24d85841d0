/** The chart of `examples/kubernetes`, rendered by Helm. By default it equals the manifests next to it. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { parseAllDocuments } from 'yaml'
import { main } from '../../lib/cli/main.ts'
import { fakeIo } from '../support/fake-io.ts'
import { goProgram } from '../support/go-program.ts'
import { schemaProblems } from '../support/kubernetes-schema.ts'

const FOLDER = 'examples/kubernetes'
const CHART = `${FOLDER}/chart`
const CHECKSUM = 'checksum/config'

interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  readonly data?: Readonly<Record<string, string>>
  readonly spec?: { readonly template?: { metadata: { annotations?: Readonly<Record<string, string>> } } }
}

const built = goProgram('helm.sh/helm/v3/cmd/helm', '3.19.0')
const installed = spawnSync('helm', ['version']).status === 0
const helm = installed ? 'helm' : built.path
const skip = installed ? undefined : built.missing()

function manifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map((each) => each.toJS() as Manifest | null)
    .filter((each) => each !== null)
}

/** By kind and name. */
function byName(all: readonly Manifest[]): Record<string, Manifest> {
  return Object.fromEntries(all.map((each) => [`${each.kind} ${each.metadata.name}`, each]))
}

function rendered(...flags: readonly string[]): Record<string, Manifest> {
  const args = ['template', 'logstream', CHART, '--namespace=logging', ...flags]
  return byName(manifests(execFileSync(helm, args, { encoding: 'utf8' })))
}

function refusal(...flags: readonly string[]): string {
  const { status, stderr } = spawnSync(helm, ['template', 'logstream', CHART, ...flags], { encoding: 'utf8' })
  return status === 0 ? 'not refused' : stderr
}

async function valid(tap: Test, config: Manifest | undefined): Promise<void> {
  const folder = tap.testdir({ password: 'x' })
  const path = join(folder, 'config.alloy')
  writeFileSync(path, config!.data!['config.alloy']!.replaceAll('/run/secrets/logstream', folder))
  const io = fakeIo('', { NODE_NAME: 'n1', LOKI_URL: 'http://loki:3100/loki/api/v1/push' })
  tap.equal(await main(['validate', path], io), 0, io.err())
  tap.equal(await main(['fmt', '--test', path], io), 0, io.err())
}

void t.test('helm lint', { skip }, (tap) => {
  const { status, stdout, stderr } = spawnSync(helm, ['lint', '--strict', CHART], { encoding: 'utf8' })
  tap.equal(status, 0, stdout + stderr)
  tap.end()
})

void t.test('by default it is node.yaml and store.yaml', { skip }, async (tap) => {
  const found = rendered()
  const files = ['node.yaml', 'store.yaml'].map((file) => readFileSync(join(FOLDER, file), 'utf8'))
  const wanted = byName(files.flatMap(manifests))
  for (const each of Object.values(found)) {
    tap.same(schemaProblems(each), [], each.kind)
    const pod = each.spec?.template
    if (pod === undefined) continue
    tap.match(pod.metadata.annotations, { [CHECKSUM]: /^[0-9a-f]{64}$/ })
    delete pod.metadata.annotations
  }
  tap.same(found, wanted)
  for (const name of ['node', 'store']) await valid(tap, found[`ConfigMap logstream-${name}`])
})

void t.test('values', { skip }, async (tap) => {
  // Helm must leave the template alone, and YAML would take its indentation from the spaces of the first line.
  const config =
    '  // mine\n\nloki.process "a" {\n\tforward_to = []\n\n\tstage.template {\n\t\tsource   = "b"\n\t\ttemplate = "{{ .Value }}"\n\t}\n}\n'
  const path = join(tap.testdir({ 'config.alloy': config }), 'config.alloy')
  const [before, found] = [
    rendered(),
    rendered(
      `--set-file=config=${path}`,
      '--set=image=registry.example/other@sha256:0',
      '--set-json=imagePullSecrets=[{"name":"registry"}]',
      '--set-json=tolerations=[]',
      '--set-json=resources={"limits":{"memory":"1Gi"}}',
      '--set=secret=push',
      '--set=lokiUrl=https://loki.example/loki/api/v1/push',
      '--set=store.size=200Gi',
      '--set=store.retention=24h',
    ),
  ]
  for (const each of Object.values(found)) tap.same(schemaProblems(each), [], each.kind)
  const [node, store] = [found['DaemonSet logstream-node']!, found['StatefulSet logstream-store']!]
  const pod = {
    containers: [{ image: 'registry.example/other@sha256:0' }],
    imagePullSecrets: [{ name: 'registry' }],
    volumes: [{}, { secret: { secretName: 'push' } }],
  }
  tap.match(node.spec, { template: { spec: pod } })
  tap.match(node.spec, {
    template: {
      spec: {
        tolerations: undefined,
        containers: [
          {
            env: [{}, { name: 'LOKI_URL', value: 'https://loki.example/loki/api/v1/push' }],
            resources: { limits: { memory: '1Gi' } },
          },
        ],
      },
    },
  })
  tap.match(store.spec, {
    template: { spec: pod },
    volumeClaimTemplates: [{ spec: { resources: { requests: { storage: '200Gi' } } } }],
  })
  tap.equal(found['ConfigMap logstream-node']!.data!['config.alloy'], config)
  const stored = found['ConfigMap logstream-store']
  tap.match(stored!.data!['config.alloy'], /retention = "24h"\n\tmax_size {2}= "180GiB"/)
  await valid(tap, stored)
  for (const each of [node, store])
    tap.not(
      each.spec!.template!.metadata.annotations![CHECKSUM],
      before[`${each.kind} ${each.metadata.name}`]!.spec!.template!.metadata.annotations![CHECKSUM],
      'another config restarts the pods',
    )
})

void t.test('names come from the release and its namespace', { skip }, async (tap) => {
  const args = ['template', 'eu', CHART, '--namespace=logs']
  const found = byName(manifests(execFileSync(helm, args, { encoding: 'utf8' })))
  tap.notMatch(JSON.stringify(found), /logstream-(?:node|store)|logging\./)
  tap.match(JSON.stringify(found['DaemonSet eu-node']), 'http://eu-store.logs.svc:3100/loki/api/v1/push')
  tap.match(found['ConfigMap eu-store']!.data!['config.alloy'], '"eu-store.logs.svc.cluster.local"')
  tap.end()
})

void t.test('without the store', { skip }, (tap) => {
  const found = rendered('--set=store.enabled=false', '--set=lokiUrl=https://loki.example/loki/api/v1/push')
  tap.same(
    Object.keys(found).filter((name) => name.includes('store')),
    [],
  )
  tap.match(refusal('--set=store.enabled=false'), 'lokiUrl: expected the push URL of a Loki')
  tap.equal(refusal('--set=store.enabled=false', '--set=config=logging { }'), 'not refused')
  tap.end()
})

void t.test('mistakes in values', { skip }, (tap) => {
  // Versions of Helm word it in different ways; all name the value.
  for (const [flag, named] of [
    ['store.retension=1h', /'?retension'? (?:is )?not allowed/],
    ['store.size=1Gi', /store[./]size'?: .*pattern/],
    ['store.retention=14d', /store[./]retention'?: .*pattern/],
    ['image=', /image'?: .*(?:minLength|length)/],
    ['lokiUrl=loki:3100', /lokiUrl'?: .*pattern/],
  ] as const)
    tap.match(refusal(`--set=${flag}`), named)
  tap.end()
})
