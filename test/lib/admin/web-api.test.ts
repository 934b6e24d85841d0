import t from 'tap'
import { adminService } from '../../support/admin-service.ts'

const CONFIG = `
logging { level = "error" }
http { auth { filter { paths = ["/x"] } } }
declare "pipe" {
  argument "to" { }
  loki.process "first" { forward_to = [loki.process.second.receiver] }
  loki.process "second" { forward_to = argument.to.value }
  export "receiver" { value = loki.process.first.receiver }
}
local.file_match "logs" { path_targets = [{__path__ = "/none/*.log"}] }
loki.source.file "logs" {
  targets    = local.file_match.logs.targets
  forward_to = [pipe.main.receiver]
}
pipe "main" { to = [loki.write.default.receiver] }
loki.write "default" {
  endpoint {
    url          = "http://me:planted-url@127.0.0.1:9/push"
    bearer_token = "planted-token"
    batch_wait   = "90s"
  }
  external_labels = {note = "has planted-token in it"}
}
`.replace('auth { filter { paths = ["/x"] } }', 'auth {\nfilter { paths = ["/x"] }\n}')

type Component = Readonly<Record<string, unknown>>

void t.test('components as JSON', async (tap) => {
  const { service, get } = await adminService(tap.testdir(), CONFIG)
  tap.teardown(() => service.stop())
  const answer = await get('/api/v0/web/components')
  tap.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  const list = JSON.parse(answer.text) as Component[]
  const edges = new Map(
    list.map((each) => [
      `${String(each['moduleID'])}|${String(each['localID'])}`,
      [each['referencesTo'], each['referencedBy'], each['dataFlowEdgesTo']],
    ]),
  )
  const second = 'loki.process.second'
  tap.same(
    edges,
    new Map([
      ['|local.file_match.logs', [[], ['loki.source.file.logs'], []]],
      ['|loki.write.default', [[], [], []]],
      [
        'pipe.main|loki.process.second',
        [['loki.write.default'], ['loki.process.first'], ['loki.write.default']],
      ],
      ['pipe.main|loki.process.first', [[second], [], [second]]],
      [
        '|loki.source.file.logs',
        [['local.file_match.logs', 'pipe.main/loki.process.first'], [], ['pipe.main/loki.process.first']],
      ],
    ]),
  )
  tap.match(
    list.find(({ localID }) => localID === 'loki.write.default'),
    {
      name: 'loki.write',
      type: 'block',
      label: 'default',
      moduleID: '',
      health: { state: 'healthy', message: '', updatedTime: /^\d{4}-.*Z$/ },
      liveDebuggingEnabled: false,
    },
  )
})

void t.test('one component, without its secrets', async (tap) => {
  const { service, get } = await adminService(tap.testdir(), CONFIG)
  tap.teardown(() => service.stop())
  const { status, text } = await get('/api/v0/web/components/loki.write.default')
  tap.equal(status, 200)
  tap.notMatch(text, 'planted')
  const shown = JSON.parse(text) as Component
  tap.match(shown, {
    localID: 'loki.write.default',
    exports: [],
    debugInfo: { endpoints: [{ state: 'up' }] },
  })
  const [endpoint, labels] = shown['arguments'] as {
    body: { name: string; value: unknown }[]
    value: unknown
  }[]
  const values = new Map(endpoint!.body.map(({ name, value }) => [name, value]))
  tap.same(values.get('url'), { type: 'string', value: 'http://(secret)@127.0.0.1:9/push' })
  tap.same(values.get('bearer_token'), { type: 'capsule', value: '(secret)' })
  tap.same(values.get('batch_wait'), { type: 'string', value: '1m30s' })
  tap.match(JSON.stringify(labels), 'has (secret) in it')
  for (const id of ['pipe.main/loki.process.first', 'pipe.main%2Floki.process.first'])
    tap.match(await get(`/api/v0/web/components/${id}`), { status: 200, text: /"moduleID":"pipe.main"/ })
  tap.match(await get('/api/v0/web/components/loki.write.none'), { status: 404 })
  tap.match(await get('/api/v0/web/components/%'), { status: 404 })
})
