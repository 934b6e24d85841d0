/** What the page asks for: the config with the place of each component in it, and the story of one component. */
import { writeFileSync } from 'node:fs'
import t from 'tap'
import type { ComponentStory, ConfigText } from '../../../lib/page/component.ts'
import { adminService } from '../../support/admin-service.ts'

const CONFIG = `// planted-comment
loki.echo "out" { }

/* planted-comment
   over two lines */
loki.process "p" {
	forward_to = [loki.echo.out.receiver]
	stage.metrics {
		metric.counter {
			name      = "seen"
			match_all = true
			action    = "inc"
		}
	}
}
loki.write "far" {
	endpoint {
		url          = "http://127.0.0.1:9/loki/api/v1/push"
		bearer_token = "planted-token"
	}
}
import.file "m" { filename = file.path_join(module_path, "m.module") }
m.pipe "one" { }
m.pipe "two" { }
`

const MODULE = `declare "pipe" {
	// planted-comment
	local.file_match "logs" { path_targets = [{__path__ = "/none/*.log"}] }
	loki.source.file "logs" {
		targets    = local.file_match.logs.targets
		forward_to = []
	}
}
`

void t.test(
  'the config and its modules without secrets, and where each component is in them',
  async (tap) => {
    const folder = tap.testdir()
    writeFileSync(`${folder}/m.module`, MODULE)
    const { service, get } = await adminService(folder, CONFIG)
    tap.teardown(() => service.stop())
    const answer = await get('/api/v0/logstream/config')
    tap.notMatch(answer.text, 'planted')
    const texts = JSON.parse(answer.text) as ConfigText[]
    tap.same(
      texts.map(({ name, text }) => [name.replace(`${folder}/`, ''), text.split('\n').length]),
      [
        ['config.alloy', CONFIG.split('\n').length],
        ['m.module', MODULE.split('\n').length],
      ],
      'lines keep their numbers',
    )
    tap.same(
      texts.map(({ text, components }) =>
        components.map(({ id, line }) => `${id}: ${text.split('\n')[line - 1]!.trim()}`).sort(),
      ),
      [
        [
          'loki.echo.out: loki.echo "out" { }',
          'loki.process.p: loki.process "p" {',
          'loki.write.far: loki.write "far" {',
        ],
        [
          'm.pipe.one/local.file_match.logs: local.file_match "logs" { path_targets = [{__path__ = "/none/*.log"}] }',
          'm.pipe.one/loki.source.file.logs: loki.source.file "logs" {',
          'm.pipe.two/local.file_match.logs: local.file_match "logs" { path_targets = [{__path__ = "/none/*.log"}] }',
          'm.pipe.two/loki.source.file.logs: loki.source.file "logs" {',
        ],
      ],
    )
    const list = JSON.parse((await get('/api/v0/web/components')).text) as {
      moduleID: string
      localID: string
      referencesTo: string[]
    }[]
    const source = list.find((each) => each.moduleID === 'm.pipe.two' && /source/.test(each.localID))
    tap.same(source?.referencesTo, ['local.file_match.logs'], 'what is used inside a module')
  },
)

void t.test('the story of a component: its place, states, errors and counters', async (tap) => {
  const { service, get } = await adminService(
    tap.testdir(),
    `logging { level = "error" }\n${CONFIG.split('import')[0]}`,
  )
  tap.teardown(() => service.stop())
  const answer = await get('/api/v0/logstream/components/loki.write.far')
  const { place, changes, problems, counters } = JSON.parse(answer.text) as ComponentStory
  tap.match(place, { name: /config\.alloy$/, line: 17 })
  tap.match(changes, [{ state: 'healthy', message: '', at: Number }])
  tap.same(problems, [])
  tap.same(
    counters
      .filter(({ name }) => name === 'logstream_spool_entries')
      .map(({ type, samples }) => [type, samples]),
    [['gauge', [{ labels: {}, value: 0 }]]],
  )
  tap.notMatch(answer.text, /component_id|_bucket/)
  tap.match(await get('/api/v0/logstream/components/loki.write.none'), { status: 404 })
})
