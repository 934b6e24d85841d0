/** The compose file for one machine: one hardened service, and a config and rules that are good. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import t from 'tap'
import { parse } from 'yaml'
import { main } from '../../lib/cli/main.ts'
import { VERSION } from '../../lib/version.ts'
import { fakeIo } from '../support/fake-io.ts'

const FOLDER = 'examples/one-vm'

interface Service {
  readonly image: string
  readonly build: string
  readonly ports: readonly string[]
  readonly volumes: readonly string[]
  readonly read_only: boolean
  readonly cap_drop: readonly string[]
}

void t.test('compose.yml', (tap) => {
  const file: unknown = parse(readFileSync(join(FOLDER, 'compose.yml'), 'utf8'))
  const schema = JSON.parse(readFileSync('fixtures/compose/compose-spec.json', 'utf8')) as object
  const isCompose = new Ajv({ strict: false, validateFormats: false, validateSchema: false }).compile(schema)
  tap.ok(isCompose(file), JSON.stringify(isCompose.errors))
  const { services } = file as { services: Readonly<Record<string, Service>> }
  tap.same(Object.keys(services), ['logstream'], 'one process')
  const { image, build, ports, volumes, ...rest } = services['logstream']!
  tap.equal(image, `logstream:${VERSION}`)
  tap.ok(existsSync(join(FOLDER, build, 'Dockerfile')))
  for (const port of ports) tap.match(port, /^127\.0\.0\.1:/, 'for this machine only')
  tap.match(volumes, ['.:/etc/logstream:ro', '/var/run/docker.sock:/var/run/docker.sock:ro'])
  tap.match(rest, { read_only: true, cap_drop: ['ALL'] })
  tap.end()
})

void t.test('config.alloy and rules/', async (tap) => {
  const io = fakeIo()
  tap.equal(await main(['validate', join(FOLDER, 'config.alloy')], io), 0, io.err())
  tap.equal(await main(['rules', 'check', join(FOLDER, 'rules', 'alerts.yaml')], io), 0, io.err())
})
