import t from 'tap'
import type { ConfigText } from '../../../../lib/run/modules/config-text.ts'
import {
  findProcessComponents,
  processChain,
  processNamed,
  type ProcessComponents,
} from '../../../../lib/run/plan/process-components.ts'

const PIPELINES = `
loki.source.file "f" {
  targets    = [{ __path__ = "/nowhere/*.log", job = "f" }]
  forward_to = [loki.process.a.receiver]
}
loki.process "a" {
  forward_to = [loki.process.b.receiver, loki.write.w.receiver]
  stage.docker { }
}
loki.process "b" { forward_to = [loki.process.c.receiver] }
declare "m" {
  export "in" { value = loki.process.c.receiver }
  loki.process "c" { forward_to = [] }
}
loki.process "c" { forward_to = [] }
m "one" { }
loki.write "w" { endpoint { url = "http://127.0.0.1:1/x" } }
`

const find = async (text: string): Promise<ProcessComponents> =>
  await findProcessComponents({
    config: (): ConfigText[] => [{ source: { name: 'c', text }, modulePath: '/' }],
    stability: 'generally-available',
    stdlib: new Map(),
  })

const ids = (processes: ProcessComponents, name?: string): string[] =>
  processChain(processes, name).map(({ id }) => id)

void t.test('all processes, with stages, feeds and what they forward to', async (tap) => {
  const { byId, feeds, diagnostics } = await find(PIPELINES)
  tap.same(diagnostics, [])
  tap.same([...byId.keys()].sort(), [
    'loki.process.a',
    'loki.process.b',
    'loki.process.c',
    'm.one/loki.process.c',
  ])
  tap.match(byId.get('loki.process.a'), {
    specs: [{ name: 'docker' }],
    forwardTo: ['loki.process.b', 'loki.write.w'],
  })
  tap.same(feeds, [{ to: 'loki.process.a', labels: { job: 'f' } }])
})

void t.test('a chain follows forward_to from where the sources lead', async (tap) => {
  const processes = await find(PIPELINES)
  tap.same(ids(processes), ['loki.process.a', 'loki.process.b', 'loki.process.c'])
  tap.same(ids(processes, 'b'), ['loki.process.b', 'loki.process.c'])
  tap.same(ids(processes, 'm.one/loki.process.c'), ['m.one/loki.process.c'])
})

void t.test('names', async (tap) => {
  const processes = await find(PIPELINES)
  tap.equal(processNamed(processes, 'loki.process.c').id, 'loki.process.c', 'the whole id comes first')
  tap.equal(processNamed(processes, 'process.a').id, 'loki.process.a')
  tap.throws(() => processNamed(processes, 'c'), { code: 'BAD_INPUT', message: /several that end in "c"/ })
  tap.throws(() => processNamed(processes, 'x'), {
    message: /no loki.process "x": it has\n {2}loki.process.a/,
  })
  const two = await find('loki.process "a" { forward_to = [] }\nloki.process "b" { forward_to = [] }')
  tap.throws(() => ids(two), { message: /choose one loki.process with --component: it has\n {2}loki/ })
  const none = await find('')
  tap.throws(() => ids(none), { message: /the config has no loki.process/ })
})

void t.test('mistakes are told, and what is good is there', async (tap) => {
  const { byId, diagnostics } = await find(
    'loki.process "a" { forward_to = [] }\nloki.process "b" {\n  forward_to = []\n  stage.regex { expression = "(" }\n}',
  )
  tap.match(diagnostics, [{ severity: 'error' }])
  tap.same([...byId.keys()], ['loki.process.a'])
})

void t.test('a source that cannot run yet still leads to its process', async (tap) => {
  const found = await find(`
discovery.docker "d" { host = "unix:///var/run/docker.sock" }
loki.source.docker "x" {
  host       = "unix:///var/run/docker.sock"
  targets    = discovery.docker.d.targets
  forward_to = [loki.process.p.receiver]
}
loki.process "p" { forward_to = [] }
`)
  tap.same(found.diagnostics, [])
  tap.same(ids(found), ['loki.process.p'])
})
