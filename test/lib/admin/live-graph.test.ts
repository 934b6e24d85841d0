import t from 'tap'
import { pieces, tappedService } from '../../support/tapped.ts'

void t.test('rates by component, one list a window', async (tap) => {
  const service = await tappedService(tap, '')
  const lists = pieces(tap, `${service.service.url}/api/v0/web/graph?window=1`, '|;|')
  const first = lists.next()
  await service.get('/-/ready')
  await service.send('a', 'b', 'c')
  const seen = new Map<string, number>()
  let { value } = (await first) as IteratorResult<string, never>
  for (let i = 0; i < 5 && seen.size < 2; i++) {
    for (const { componentID, rate, ...rest } of JSON.parse(value) as {
      componentID: string
      rate: number
    }[]) {
      seen.set(componentID, rate)
      tap.same(rest, { targetComponentIDs: null, type: 'loki_log' })
    }
    if (seen.size < 2) ({ value } = (await lists.next()) as IteratorResult<string, never>)
  }
  tap.same(
    seen,
    new Map([
      ['loki.process.shop', 3],
      ['loki.source.tcp.in', 3],
    ]),
  )
})

void t.test('only of the module that is asked for, in windows that make sense', async (tap) => {
  const { get } = await tappedService(tap, '')
  tap.match(await get('/api/v0/web/graph/none'), { status: 500, text: /module none not found/ })
  for (const window of ['0', '61', '1.5', 'x'])
    tap.match(await get(`/api/v0/web/graph?window=${window}`), { status: 400, text: /between 1 and 60/ })
})
