import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { EXIT } from '../../lib/cli/io.ts'
import { main } from '../../lib/cli/main.ts'
import { VERSION } from '../../lib/version.ts'
import { selfSigned } from '../support/certificates.ts'
import { fakeIo } from '../support/fake-io.ts'
import { startCommand } from '../support/service.ts'
import { moved, runUntilRunning } from '../support/service-command.ts'

interface Health {
  readonly test: readonly string[]
  readonly interval: string
  readonly timeout: string
  readonly retries: number
  readonly start_period: string
}

interface Service {
  readonly image: string
  readonly build?: { readonly args: Readonly<Record<string, string>> }
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck: Health
  readonly stop_grace_period?: string
  readonly restart: string
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
  readonly security_opt: readonly string[]
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>
  readonly volumes: Readonly<Record<string, unknown>>
}

const root = process.cwd()
const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const yaml = (file: string): unknown => parse(read(file), { merge: true, strict: true })
const compose = yaml('compose.yml') as Compose
const services = Object.entries(compose.services)
const dockerfile = read('Dockerfile')

// The schema of the Compose Specification (Apache-2.0), commit 170098ba; its formats are Docker's own.
const isCompose = new Ajv({ strict: false, validateFormats: false, validateSchema: false }).compile(
  JSON.parse(read('fixtures/compose/compose-spec.json')) as object,
)

interface Mount {
  readonly source: string
  readonly target: string
  readonly mode: string | undefined
  readonly named: boolean
}

function mounts(service: Service): Mount[] {
  return (service.volumes ?? []).map((volume) => {
    const [source = '', target = '', mode] = volume.split(':')
    return { source, target, mode, named: !/^[./]/.test(source) }
  })
}

function seconds(duration: string): number {
  const [, amount, unit] = /^(\d+)(s|m)$/.exec(duration) ?? []
  return Number(amount) * (unit === 'm' ? 60 : 1)
}

/** Where a path of the container is in the repository, or in `data` for what is on a named volume. */
function onHost(service: Service, path: string, data: string): string {
  const mount = mounts(service).find(({ target }) => path === target || path.startsWith(`${target}/`))
  if (mount === undefined) return path
  const rest = posix.relative(mount.target, path)
  return mount.named ? join(data, mount.source, rest) : join(root, mount.source, rest)
}

void t.test('the file is a Compose file of the five services', (t) => {
  t.same(Object.keys(compose.services).sort(), ['generator', 'grafana', 'logstream', 'loki', 'prometheus'])
  for (const file of ['compose.yml', 'compose.production.yml'])
    t.ok(isCompose(yaml(file)), `${file}: ${JSON.stringify(isCompose.errors)}`)
  t.notOk(isCompose({ services: { a: { imagee: 'b' } } }), 'a misspelt key fails')
  t.same(
    Object.keys(compose).filter((key) => !key.startsWith('x-')),
    ['name', 'services', 'volumes'],
  )
  for (const [name, service] of services) {
    t.ok(service.command?.every((word) => typeof word === 'string') ?? true, `${name}: a list of texts`)
    t.ok(
      Object.values(service.environment ?? {}).every((value) => typeof value === 'string'),
      name,
    )
    for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
      t.ok(other in compose.services, `${name} waits for ${other}`)
      t.ok(['service_started', 'service_healthy'].includes(condition), `${name}: ${condition}`)
    }
  }
  t.end()
})

void t.test('images are pinned to a version, and bases are build arguments', (t) => {
  const defaults = new Map(
    [...dockerfile.matchAll(/^ARG (\w+_IMAGE)=(\S+)$/gm)].map(([, key, base]) => [key!, base!]),
  )
  t.same([...defaults.keys()], ['BUILD_IMAGE', 'BASE_IMAGE'])
  for (const base of defaults.values()) t.match(base, /^(node:\d+\.\d+\.\d+-\w+-slim|debian:\d+\.\d+-slim)$/)
  t.same(
    [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base!),
    ['${BUILD_IMAGE}', '${BASE_IMAGE}'],
  )
  for (const [name, { image, build }] of services) {
    t.match(image, /:v?\d+\.\d+\.\d+$/, name)
    if (build === undefined) continue
    t.equal(image, `logstream:${VERSION}`, `${name} is this version`)
    for (const [key, value] of Object.entries(build.args))
      t.equal(value, `\${${key}:-${defaults.get(key)!}}`, key)
  }
  const [, carried] = /^export const NODE = '(.*)'$/m.exec(read('build/release/folder.js')) ?? []
  t.match(defaults.get('BUILD_IMAGE'), `node:${carried!}-`, 'built with the Node that is carried')
  t.end()
})

void t.test('nothing can be reached from other machines', (t) => {
  const published = services.flatMap(([, { ports = [] }]) => ports)
  for (const port of published) t.match(port, /^127\.0\.0\.1:\d+:\d+$/)
  t.same(
    published.map((port) => port.split(':')[1]),
    ['12345', '3100', '9090', '3000'],
  )
  t.end()
})

void t.test('what is mounted exists, and configs cannot be written', (t) => {
  const used = new Set<string>()
  for (const [name, service] of services) {
    for (const { source, target, mode, named } of mounts(service)) {
      t.ok(target.startsWith('/'), `${name}: ${target}`)
      if (named) {
        used.add(source)
        continue
      }
      t.ok(existsSync(join(root, source)), `${name}: ${source} is in the repository`)
      t.equal(mode, 'ro', `${name}: ${source}`)
    }
  }
  t.same([...used].sort(), Object.keys(compose.volumes).sort(), 'each named volume is declared and used')
  t.end()
})

void t.test('services are hardened, watched and have the time to stop', (t) => {
  for (const [name, service] of services) {
    t.equal(service.restart, 'unless-stopped', name)
    t.equal(service.read_only, true, name)
    t.same(service.cap_drop, ['ALL'], name)
    t.same(service.security_opt, ['no-new-privileges:true'], name)
    const { test, interval, timeout, start_period: start } = service.healthcheck
    t.equal(test[0], 'CMD', `${name}: no shell`)
    for (const word of test) t.type(word, 'string')
    for (const time of [interval, timeout, start]) t.ok(seconds(time) > 0, `${name}: ${time}`)
  }
  t.ok(seconds(compose.services['logstream']!.stop_grace_period ?? '10s') > 5, 'longer than the drain')
  t.end()
})

void t.test('the image runs as a user who owns what it writes', (t) => {
  const final = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  t.match(final, /^USER logstream$/m)
  t.match(final, /^ENTRYPOINT \["logstream"\]$/m)
  const owned = /install -d -o logstream -g logstream (.*)$/m.exec(final)?.[1]?.split(' ')
  for (const name of ['logstream', 'generator']) {
    for (const { target, named } of mounts(compose.services[name]!))
      if (named) t.ok(owned?.includes(target), `${target} is there, with the owner`)
  }
  const words = /^CMD (\[.*\])$/m.exec(final)?.[1]
  // Only here is it known that the port is open to this machine alone.
  const trusting = [
    '--server.http.show-logs',
    '--server.http.allow-actions',
    '--server.http.allowed-host=logstream',
  ]
  t.same(
    [...(JSON.parse(words!) as string[]), ...trusting],
    compose.services['logstream']!.command,
    'and by default does as here',
  )
  t.end()
})

void t.test('what the Dockerfile copies is in the build context', (t) => {
  const allowed = new Set([...read('.dockerignore').matchAll(/^!(\S+)$/gm)].map(([, path]) => path))
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, paths]) =>
    paths!.split(' '),
  )
  for (const path of copied.filter((each) => each !== '.')) {
    t.ok(existsSync(join(root, path)), path)
    t.ok(allowed.has(path), `${path} is not ignored`)
  }
  // What `npm run build` and `npm run release` read.
  for (const path of ['build', 'packaging', 'page', 'docs', 'README.md', 'LICENSE', 'tsconfig.json'])
    t.ok(allowed.has(path), `${path} is not ignored`)
  t.end()
})

void t.test('logstream: config and command line are good', async (t) => {
  const service = compose.services['logstream']!
  const data = t.testdir({ transactions: {}, logstream: {} })
  const places = (path: string): string =>
    path.startsWith('0.0.0.0:') ? '127.0.0.1:0' : onHost(service, path, data)
  // No sample line is there, so nothing is pushed.
  const env = { ...service.environment, TRANSACTIONS_LOG: join(data, 'transactions', '*.log') }
  const command = moved(service.command ?? [], places)
  const io = fakeIo('', env)
  t.equal(await main(['validate', command[1]!], io), EXIT.ok, io.err())
  const { status, started, err } = await runUntilRunning(command, env)
  t.ok(started, err)
  t.equal(status, EXIT.ok, err)
})

void t.test('logstream reads where the generator writes, and writes where loki and grafana read', (t) => {
  const { logstream, generator, loki } = compose.services
  const file = generator!.command?.at(-1) ?? ''
  const volume = (service: Service | undefined): string | undefined =>
    mounts(service!).find(({ target }) => file.startsWith(`${target}/`))?.source
  t.equal(volume(generator), volume(logstream))
  t.match(file, /^\/var\/log\/transactions\/[^/]+\.log$/, 'the pattern in the pipeline')
  t.match(read('examples/transactions/modules/transactions.alloy'), '"/var/log/transactions/*.log"')

  const url = new URL(logstream!.environment?.['LOKI_URL'] ?? '')
  const config = yaml('examples/compose/loki.yaml') as { server: { http_listen_port: number } }
  t.ok(url.hostname in compose.services)
  t.equal(Number(url.port), config.server.http_listen_port)
  t.equal(url.pathname, '/loki/api/v1/push')
  t.match(loki!.ports?.[0], new RegExp(`:${config.server.http_listen_port}$`))
  t.end()
})

void t.test('generator: command line is good', async (t) => {
  const service = compose.services['generator']!
  const data = t.testdir({ transactions: {} })
  const places = (path: string): string => onHost(service, path, data)
  const io = fakeIo()
  const command = [...moved(service.command ?? [], places), '--count', '2', '--bad', '0']
  t.equal(await main(command, io), EXIT.ok, io.err())
  const lines = readFileSync(places(command[3]!), 'utf8').trimEnd().split('\n')
  t.equal(lines.length, 2)
  for (const line of lines) t.equal(line.split('|').length, 8)
})

void t.test('loki keeps a week, on its volume, and reports nothing', (t) => {
  const config = yaml('examples/compose/loki.yaml') as Record<string, Record<string, unknown>>
  t.equal(
    config['common']?.['path_prefix'],
    mounts(compose.services['loki']!).find(({ named }) => named)?.target,
  )
  t.equal(config['analytics']?.['reporting_enabled'], false)
  t.equal(config['compactor']?.['retention_enabled'], true)
  t.equal(config['limits_config']?.['retention_period'], '168h')
  t.match(config['schema_config'], {
    configs: [{ store: 'tsdb', object_store: 'filesystem', schema: 'v13' }],
  })
  t.end()
})

interface Panel {
  readonly title: string
  readonly datasource: { readonly uid: string }
  readonly targets: readonly { readonly expr: string }[]
}

const DASHBOARDS = 'examples/compose/grafana/provisioning/dashboards'
const panelsOf = (name: string): readonly Panel[] =>
  (JSON.parse(read(`${DASHBOARDS}/${name}.json`)) as { panels: Panel[] }).panels

void t.test('grafana finds loki and prometheus, and all its dashboards', (t) => {
  const folder = 'examples/compose/grafana/provisioning'
  const source = (name: string): { uid: string; url: string } =>
    (yaml(`${folder}/datasources/${name}.yml`) as { datasources: { uid: string; url: string }[] })
      .datasources[0]!
  t.match(source('loki'), { uid: 'loki', url: 'http://loki:3100' })
  t.match(source('prometheus'), { uid: 'prometheus', url: 'http://prometheus:9090' })
  const { providers } = yaml(`${folder}/dashboards/dashboards.yml`) as {
    providers: { options: { path: string } }[]
  }
  const path = onHost(compose.services['grafana']!, providers[0]!.options.path, '')
  const names = readdirSync(path).filter((name) => name.endsWith('.json'))
  t.same(names.sort(), ['logstream.json', 'payments.json', 'transactions.json'])
  for (const name of ['logstream', 'payments', 'transactions'])
    for (const { title, datasource } of panelsOf(name))
      t.equal(datasource.uid, name === 'transactions' ? 'loki' : 'prometheus', title)
  t.end()
})

void t.test('the dashboard of Loki asks for labels that the pipeline sets', (t) => {
  const pipeline = read('examples/transactions/modules/transactions.alloy')
  for (const { title, targets } of panelsOf('transactions')) {
    for (const { expr } of targets) {
      t.match(expr, '{job="template-job"', title)
      const names = [...expr.matchAll(/(\w+)="/g), ...expr.matchAll(/by \((\w+)\)/g)].map(([, name]) => name!)
      for (const name of names) t.match(pipeline, new RegExp(`\\b${name}\\s+=`), `${title}: ${name}`)
    }
  }
  t.end()
})

void t.test('the dashboards of Prometheus ask for metrics that the service has', async (t) => {
  const folder = t.testdir({ 'in.log': '2026-01-01|10:00:00.1|10:00:00.3|200|CashIn|done|SUCCESS|0\n' })
  const log = join(folder, 'in.log')
  writeFileSync(
    join(folder, 'config.alloy'),
    `import.file "transactions" {\n\tfilename = "${join(root, 'examples/transactions/modules/transactions.alloy')}"\n}\n\ntransactions.pipeline "prod" { }\n`,
  )
  const flags = ['--server.http.listen-addr=127.0.0.1:0', `--storage.path=${join(folder, 'data')}`]
  const env = { TRANSACTIONS_LOG: log, LOKI_URL: 'http://127.0.0.1:1' }
  const service = startCommand(['run', join(folder, 'config.alloy'), ...flags], env)
  await service.said('msg=running')
  const [, url = ''] = /http=(\S+)/.exec(service.stderr()) ?? []
  const metrics = await (await fetch(`${url}/metrics`)).text()
  t.equal(await service.end('SIGTERM'), 0)
  const known = new Set(
    [...metrics.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name, type]) =>
      type === 'histogram' ? [`${name!}_bucket`] : [name!],
    ),
  )
  for (const { title, targets } of [...panelsOf('payments'), ...panelsOf('logstream')])
    for (const { expr } of targets) {
      const names = [...expr.matchAll(/\b(?:payment|logstream|loki|process|nodejs)_\w+/g)].map(
        ([name]) => name,
      )
      t.ok(names.length > 0, expr)
      for (const name of names) t.ok(known.has(name), `${title}: ${name}`)
    }
})

void t.test('prometheus asks the services at their ports', (t) => {
  interface Scrape {
    readonly static_configs: readonly { readonly targets: readonly string[] }[]
  }
  const { scrape_configs: jobs } = yaml('examples/compose/prometheus.yml') as { scrape_configs: Scrape[] }
  for (const target of jobs.flatMap((job) => job.static_configs.flatMap(({ targets }) => targets))) {
    const [host = '', port = ''] = target.split(':')
    t.ok(
      compose.services[host]?.ports?.some((each) => each.endsWith(`:${port}`)),
      target,
    )
  }
  t.end()
})

const noPromtool =
  spawnSync('promtool', ['--version']).error === undefined ? false : 'promtool is not installed'

void t.test('promtool takes the config', { skip: noPromtool }, (t) => {
  const { status, stderr } = spawnSync('promtool', ['check', 'config', 'examples/compose/prometheus.yml'], {
    encoding: 'utf8',
  })
  t.equal(status, 0, stderr)
  t.end()
})

void t.test('the variant for production: TLS, authentication, a tenant, limits', async (t) => {
  const { services, secrets } = yaml('compose.production.yml') as {
    services: Record<string, Service & { deploy: object; secrets: string[] }>
    secrets: object
  }
  const service = services['logstream']!
  t.equal(service.image, `logstream:${VERSION}`)
  t.match(service, {
    read_only: true,
    cap_drop: ['ALL'],
    deploy: { resources: { limits: { memory: '512M' } } },
  })
  t.same(service.secrets, Object.keys(secrets))
  const config = read('examples/compose/production/config.alloy')
  for (const [, name = ''] of config.matchAll(/"\/run\/secrets\/([\w.-]+)"/g)) t.ok(name in secrets, name)
  for (const [, name = ''] of config.matchAll(/sys\.env\("(\w+)"\)/g))
    t.ok(name in service.environment!, name)
  const folder = t.testdir({ 'admin-password': 'secret', 'loki-password': 'secret' })
  for (const name of ['tls', 'ca']) selfSigned(folder, name)
  const copy = join(folder, 'config.alloy')
  writeFileSync(copy, config.replaceAll('/run/secrets', folder))
  const io = fakeIo('', {
    LOKI_URL: 'https://loki.example/loki/api/v1/push',
    LOKI_TENANT: 'a',
    LOKI_USER: 'u',
  })
  t.equal(await main(['validate', copy], io), EXIT.ok, io.err())
  t.equal(io.err(), '')
})
