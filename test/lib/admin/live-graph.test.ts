import t from 'tap'
import { pieces, tappedService } from '../../support/tapped.ts'

void t.test('rates by component, one list a window', async (tap) => {
  const service = await tappedService(tap, '')
  const lists = await pieces(tap, `${service.service.url}/api/v0/web/graph?window=1`, '|;|')
  await service.send('a', 'b', 'c')
  // A window may end between two of them.
  const total = new Map([
    ['loki.process.shop', 0],
    ['loki.source.tcp.in', 0],
  ])
  for await (const list of lists) {
    for (const { componentID, rate, ...rest } of JSON.parse(list) as {
      componentID: string
      rate: number
    }[]) {
      total.set(componentID, total.get(componentID)! + rate)
      tap.same(rest, { targetComponentIDs: null, type: 'loki_log' })
    }
    if ([...total.values()].every((sum) => sum >= 3)) break
  }
  tap.same([...total.values()], [3, 3])
})

void t.test('only of the module that is asked for, in windows that make sense', async (tap) => {
  const { get } = await tappedService(tap, '')
  tap.match(await get('/api/v0/web/graph/none'), { status: 500, text: /module none not found/ })
  for (const window of ['0', '61', '1.5', 'x'])
    tap.match(await get(`/api/v0/web/graph?window=${window}`), { status: 400, text: /between 1 and 60/ })
})
