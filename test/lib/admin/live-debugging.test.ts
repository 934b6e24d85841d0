import t from 'tap'
import type { Test } from 'tap'
import { pieces, tappedService, type TappedService } from '../../support/tapped.ts'

const STAGES =
  'stage.static_labels { values = {level = "info"} }\nstage.structured_metadata { values = {level = ""} }'
const ENABLED = 'livedebugging { enabled = true }'
const RELABEL = `${ENABLED}
loki.relabel "r" {
	forward_to = [loki.echo.out.receiver]
	rule {
		action        = "drop"
		source_labels = ["level"]
		regex         = "debug"
	}
	rule {
		target_label = "new"
		replacement  = "label"
	}
}
`

async function debugged(tap: Test, service: TappedService, path: string): Promise<() => Promise<string>> {
  const texts = await pieces(tap, `${service.service.url}/api/v0/web/debug/${path}`, '|;|')
  return async () => (await texts.next()).value ?? ''
}

void t.test('entries that go in and come out, as Alloy writes them', async (tap) => {
  const service = await tappedService(tap, STAGES, ENABLED)
  const next = await debugged(tap, service, 'loki.process.shop?sampleProb=1')
  await service.send('hello "you"')
  tap.match(
    await next(),
    /^\[IN\]: timestamp: \d{4}-\d\d-\d\dT[\d:.]+Z, entry: hello "you", labels: \{job="shop"\}, structured_metadata: \{\}$/,
  )
  tap.match(
    await next(),
    /^\[OUT\]: timestamp: .*, entry: hello "you", labels: \{job="shop"\}, structured_metadata: \{"level":"info"\}$/,
  )
})

void t.test('what relabelling did', async (tap) => {
  const stages = 'stage.regex {\nexpression = "(?P<level>[a-z]+)"\nlabels_from_groups = true\n}'
  const service = await tappedService(tap, stages, RELABEL, { to: 'loki.relabel.r' })
  const next = await debugged(tap, service, 'loki.relabel.r')
  await service.send('info', 'debug')
  tap.equal(
    await next(),
    'entry: info, labels: {job="shop", level="info"} => {job="shop", level="info", new="label"}',
  )
  tap.equal(await next(), 'entry: debug, labels: {job="shop", level="debug"} => <dropped>')
})

void t.test('what is not debugged says why', async (tap) => {
  const off = await tappedService(tap, STAGES)
  tap.match(await off.get('/api/v0/web/debug/loki.process.shop'), { status: 500, text: /disabled/ })
  const on = await tappedService(tap, STAGES, ENABLED)
  tap.match(await on.get('/api/v0/web/debug/loki.echo.out'), {
    status: 500,
    text: 'the component "loki.echo" does not support live debugging\n',
  })
  tap.match(await on.get('/api/v0/web/debug/loki.process.none'), { status: 500 })
  for (const share of ['2', '-1', 'x'])
    tap.match(await on.get(`/api/v0/web/debug/loki.process.shop?sampleProb=${share}`), { status: 400 })
})
