import t from 'tap'
import type { ExplainAnswer, RecentFailures } from '../../../../lib/admin/failures/messages.ts'
import { tappedService, type TappedService } from '../../../support/tapped.ts'

const STAGES = `
	stage.static_labels { values = {parse_status = "failed"} }
	// planted-comment
	stage.regex { expression = "^(?P<date>\\\\S+)\\\\|(?P<latency>\\\\d+)\\\\|(?P<code>\\\\d+)$" }
	stage.labels { values = {code = ""} }
	stage.match {
		selector = "{code=~\\".+\\"}"
		stage.static_labels { values = {parse_status = "success"} }
	}`

const FAILED = '{parse_status="failed"}'

interface Posted {
  readonly status: number
  readonly text: string
  readonly answer: ExplainAnswer
}

async function post({ service }: TappedService, path: string, body: unknown): Promise<Posted> {
  const answer = await fetch(`${service.url}/api/v0/logstream/failures/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const text = await answer.text()
  return { status: answer.status, text, answer: (answer.ok ? JSON.parse(text) : {}) as ExplainAnswer }
}

const entries = (...lines: string[]): object[] =>
  lines.map((line) => ({ line, labels: { job: 'shop', parse_status: 'failed' } }))

void t.test('failures are grouped by where they went wrong', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const { status, answer } = await post(service, 'explain', {
    selector: FAILED,
    entries: entries('2026|fast|200', '2026|12|200', 'nothing', '2026|slow|500', '2026|7|x'),
  })
  tap.equal(status, 200)
  tap.match(answer, { passed: 1, dropped: 0, held: 0, skipped: 0 })
  tap.match(
    answer.groups.map(({ component, entries: of, at }) => [
      component,
      of,
      at?.stage,
      at?.regex?.pattern.slice(at.regex.progress?.from, at.regex.progress?.to),
      at?.regex?.progress?.found,
    ]),
    [
      ['loki.process.shop', [0, 3], '2.regex', '(?P<latency>\\d+)', 'fast'],
      ['loki.process.shop', [2], '2.regex', '\\|', undefined],
      ['loki.process.shop', [4], '2.regex', '(?P<code>\\d+)', 'x'],
    ],
  )
  tap.match(answer.groups[0]!.steps[0], {
    stage: '1.static_labels',
    outcome: 'passed',
    changes: [],
  })
  tap.same(
    answer.stages.map(({ path, text }) => [path, text.split('\n')[0]]),
    [
      ['1.static_labels', 'stage.static_labels {'],
      ['2.regex', 'stage.regex {'],
      ['3.labels', 'stage.labels {'],
      ['4.match', 'stage.match {'],
      ['4.match/1.static_labels', 'stage.static_labels {'],
    ],
  )
  tap.notMatch(JSON.stringify(answer), 'planted')
})

void t.test('other stages in the place of one, and what they would let pass', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const ask = (text: string, path = '2.regex'): Promise<Posted> =>
    post(service, 'try', {
      selector: FAILED,
      entries: entries('2026|fast|200', '2026|12|200', 'nothing'),
      stage: { component: 'loki.process.shop', path, text },
    })
  const repaired =
    'stage.regex { expression = "^(?P<date>\\\\S+)\\\\|(?P<latency>\\\\w+)\\\\|(?P<code>\\\\d+)$" }'
  const { answer } = await ask(repaired)
  tap.match(answer, { passed: 2, groups: [{ entries: [2] }] })
  tap.match(answer.formatted, /^stage\.regex \{\n\texpression = ".*"\n\}\n$/)
  tap.match((await ask('')).answer, { passed: 0 }, 'without the stage')
  tap.match((await ask(`${repaired}\nstage.drop { expression = "nothing" }`)).answer, {
    passed: 2,
    dropped: 1,
  })
  tap.match(
    (await ask('stage.static_labels { values = {parse_status = "never"} }', '4.match/1.static_labels'))
      .answer,
    { passed: 1 },
  )
  tap.match(await ask('stage.regex { expression = "(" }'), {
    status: 400,
    text: /the edited stage:1:\d+: error: .*missing closing/s,
  })
  tap.match(await ask('stage.regex { }'), { status: 400, text: /missing required attribute "expression"/ })
  tap.match(await ask('stage.nonsense { }'), { status: 400, text: /unknown block/ })
  tap.match(await ask(repaired, '3.regex'), { status: 404 })
  tap.match(service.service.supervisor.ledger.read, 0, 'the pipeline has seen nothing of it')
})

void t.test('an edited stage reaches neither the environment nor files', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const ask = (text: string): Promise<Posted> =>
    post(service, 'try', {
      selector: FAILED,
      entries: entries('x'),
      stage: { component: 'loki.process.shop', path: '2.regex', text },
    })
  for (const name of ['sys.env("HOME")', 'env("HOME")'])
    tap.match(await ask(`stage.static_labels { values = {x = ${name}} }`), { status: 400 }, name)
  tap.match(await ask('stage.geoip {\ndb = "/etc/passwd"\nsource = "x"\ndb_type = "city"\n}'), {
    status: 400,
    text: /opens a file/,
  })
})

void t.test('trying is an action, other sites are refused, and sizes are bounded', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const path = '/api/v0/logstream/failures/'
  for (const each of ['try', 'explain']) {
    tap.match(await service.get(path + each), { status: 405 })
    tap.match(
      await service.get(path + each, { method: 'POST', headers: { origin: 'http://evil.example' } }),
      { status: 403 },
    )
    tap.match(await post(service, each, '{'), { status: 400 })
    tap.match(await post(service, each, '[]'), { status: 400 })
    tap.match(await post(service, each, { entries: 'x' }), { status: 400 })
    tap.match(await post(service, each, ' '.repeat(9 * 1024 * 1024)), { status: 413, text: /8 MiB/ })
  }
  const many = { selector: FAILED, entries: entries(...Array.from({ length: 1001 }, () => 'x')) }
  tap.match(await post(service, 'explain', many), { status: 400, text: /at most 1000/ })
  tap.match(await post(service, 'explain', { selector: '{', entries: [] }), {
    status: 400,
    text: /bad selector/,
  })
  const long = { selector: FAILED, entries: entries('x'.repeat(100_000), 'x') }
  tap.match((await post(service, 'explain', long)).answer, { skipped: 1, groups: [{ entries: [1] }] })
})

void t.test('without a store or a Loki, the process itself remembers what failed', async (tap) => {
  const service = await tappedService(tap, STAGES)
  await service.send('first', '2026|12|200', 'second')
  const { ledger } = service.service.supervisor
  while (ledger.total('delivered') < 3) await new Promise((resolve) => setImmediate(resolve))
  const recent = JSON.parse((await service.get('/api/v0/logstream/failures/recent')).text) as RecentFailures
  tap.match(recent.entries, [
    { line: 'second', labels: { job: 'shop', parse_status: 'failed' }, timestamp: /^\d{19}$/ },
    { line: 'first' },
  ])
  const { answer } = await post(service, 'explain', { selector: FAILED, entries: recent.entries })
  tap.match(answer.groups, [{ entries: [0, 1] }])
})
