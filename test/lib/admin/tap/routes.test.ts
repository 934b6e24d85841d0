import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import type { TapMessage, Trace } from '../../../../lib/admin/tap/messages.ts'
import { pieces, tappedService, type TappedService } from '../../../support/tapped.ts'

async function* messages(tap: Test, { service }: TappedService, path: string): AsyncGenerator<TapMessage> {
  for await (const piece of await pieces(tap, `${service.url}/api/v0/logstream/tap/${path}`, '\n'))
    yield JSON.parse(piece) as TapMessage
}

async function next<K extends TapMessage['kind']>(
  of: AsyncGenerator<TapMessage>,
  kind: K,
): Promise<Extract<TapMessage, { kind: K }>> {
  for (;;) {
    const { value } = (await of.next()) as IteratorResult<TapMessage, never>
    if (value.kind === kind) return value as Extract<TapMessage, { kind: K }>
  }
}

const STAGES = 'stage.static_labels { values = {parse_status = "failed"} }'

void t.test('what a component hands on, and what a sink takes', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const source = messages(tap, service, 'loki.source.tcp.in')
  const sink = messages(tap, service, 'loki.echo.out')
  tap.match(await next(source, 'counts'), { seen: 0, sent: 0, skipped: 0 })
  await next(sink, 'counts')
  await service.send('hello')
  tap.match(await next(source, 'entry'), {
    entry: { line: 'hello', length: 5, timestamp: /^\d{4}-/, labels: { job: 'shop' } },
  })
  tap.match(await next(sink, 'entry'), { entry: { labels: { job: 'shop', parse_status: 'failed' } } })
  tap.match(await next(source, 'counts'), { seen: 1, sent: 1, skipped: 0 })
})

void t.test('stage by stage, across a reload', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const traces = messages(tap, service, 'loki.process.shop?stages=1')
  await next(traces, 'counts')
  await service.send('one')
  tap.match(await next(traces, 'trace'), {
    entry: { line: 'one', labels: { job: 'shop' } },
    steps: [
      { stage: '1.static_labels', outcome: 'passed', changes: [{ of: 'label', name: 'parse_status' }] },
    ],
    end: 'passed',
  })
  service.write(
    service.service.supervisor.texts[0]!.source.text.replace('parse_status = "failed"', 'other = "1"'),
  )
  tap.equal((await service.get('/-/reload', { method: 'POST' })).status, 200)
  await service.send('two')
  const trace: Trace = await next(traces, 'trace')
  tap.match(trace, { number: 2, steps: [{ changes: [{ name: 'other' }] }] })
})

void t.test('what cannot be looked at says why', async (tap) => {
  const { get } = await tappedService(tap, STAGES, 'local.file_match "none" { path_targets = [] }')
  const ask = (path: string): ReturnType<typeof get> => get(`/api/v0/logstream/tap/${path}`)
  tap.match(await ask('loki.process.none'), { status: 404, text: /no such component/ })
  tap.match(await ask('loki.echo.out?stages=1'), { status: 400, text: /has no stages/ })
  tap.match(await ask('local.file_match.none'), { status: 400, text: /no entries pass/ })
  tap.match(await get('/api/v0/logstream/tap/loki.process.shop', { method: 'HEAD' }), { status: 200 })
  tap.match(await get('/api/v0/logstream/tap/loki.process.shop', { method: 'POST' }), { status: 405 })
  tap.match(
    await get('/api/v0/logstream/tap/loki.process.shop', { headers: { 'sec-fetch-site': 'cross-site' } }),
    { status: 403 },
  )
})

void t.test('a client that goes away is no longer shown anything', async (tap) => {
  const service = await tappedService(tap, STAGES)
  const { supervisor } = service.service
  let watching = 0
  const watchOutput = supervisor.watchOutput.bind(supervisor)
  supervisor.watchOutput = (id, watcher) => {
    watching++
    const end = watchOutput(id, watcher)
    return () => {
      watching--
      end()
    }
  }
  const stop = new AbortController()
  const answer = await fetch(`${service.service.url}/api/v0/logstream/tap/loki.process.shop`, {
    signal: stop.signal,
  })
  tap.match([answer.status, watching], [200, 1])
  stop.abort()
  for (let i = 0; i < 1000 && watching > 0; i++) await turn()
  tap.equal(watching, 0)
})
