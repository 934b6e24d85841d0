import t from 'tap'
import type { ConfigText, CounterFamily } from '../../../lib/page/component.ts'
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
`

void t.test('the config without secrets, and where each block is in what is shown', async (tap) => {
  const { service, get } = await adminService(tap.testdir(), CONFIG)
  tap.teardown(() => service.stop())
  const answer = await get('/api/v0/logstream/config')
  tap.notMatch(answer.text, 'planted')
  const [{ text, blocks }] = JSON.parse(answer.text) as [ConfigText]
  const lines = text.split('\n')
  tap.same(
    blocks.map(({ id, line }) => [id, lines[line - 1]]),
    [
      ['loki.echo.out', 'loki.echo "out" { }'],
      ['loki.process.p', 'loki.process "p" {'],
      ['loki.write.far', 'loki.write "far" {'],
    ],
  )
})

void t.test('the counters of one component', async (tap) => {
  const { service, get } = await adminService(tap.testdir(), CONFIG)
  tap.teardown(() => service.stop())
  const answer = await get('/api/v0/logstream/counters/loki.write.far')
  const families = JSON.parse(answer.text) as CounterFamily[]
  tap.same(
    families
      .filter(({ name }) => name === 'logstream_spool_entries')
      .map(({ type, samples }) => [type, samples]),
    [['gauge', [{ labels: {}, value: 0 }]]],
  )
  tap.notMatch(answer.text, /component_id|_bucket/)
  tap.match(await get('/api/v0/logstream/counters/loki.write.none'), { status: 404 })
})
