import t from 'tap'
import type { Administered } from '../../../lib/admin/administered.ts'
import { adminRoutes } from '../../../lib/admin/routes.ts'
import { errorAt, warningAt } from '../../../lib/alloy/diagnostic.ts'
import type { Health } from '../../../lib/component/component.ts'
import { route, type Answer } from '../../../lib/net/server/router.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'
import { answerTo, httpRequest } from '../../support/http-request.ts'

const source = { name: 'c.alloy', text: 'x' }

const component = (health: Health) => ({
  fullId: 'a.b',
  id: 'a.b',
  componentPath: '/',
  name: 'a',
  health: { ...health, since: 0, dead: false },
  forwardTo: [],
  sent: 0,
  waitedMs: [],
  status: undefined,
})

function ask(method: string, path: string, admin: Partial<Administered> = {}): Promise<Answer | undefined> {
  const routes = adminRoutes({
    components: () => [],
    ready: () => true,
    reload: () => Promise.resolve([]),
    metrics: Metrics.create(),
    ...admin,
  })
  return answerTo(route(routes, method, path), httpRequest({ method, path, headers: { host: 'localhost' } }))
}

void t.test('ready and healthy', async (tap) => {
  tap.match(await ask('GET', '/-/ready'), { status: 200 })
  tap.match(await ask('GET', '/-/ready', { ready: () => false }), { status: 503 })
  tap.match(await ask('GET', '/-/healthy'), { status: 200 })
  const exited = { components: () => [component({ state: 'exited', message: '' })] }
  tap.match(await ask('GET', '/-/healthy', exited), { status: 200 }, 'who has ended is not ill')
  const ill = { components: () => [component({ state: 'unhealthy', message: 'broken' })] }
  tap.match(await ask('GET', '/-/healthy', ill), {
    status: 200,
    body: /^a\.b has been unhealthy for .*: broken/,
  })
})

void t.test('metrics and the page', async (tap) => {
  const metrics = Metrics.create()
  metrics.counter('x_total', 'X.').value = 2
  tap.match(await ask('GET', '/metrics', { metrics }), {
    status: 200,
    type: metrics.contentType,
    body: /x_total 2/,
  })
  tap.match(await ask('GET', '/'), { status: 200, type: /html/, body: /logstream/ })
})

void t.test('reload', async (tap) => {
  for (const method of ['GET', 'POST']) tap.match(await ask(method, '/-/reload'), { status: 200 })
  const warned = { reload: () => Promise.resolve([warningAt(source, { start: 0, end: 1 }, 'old')]) }
  tap.match(await ask('POST', '/-/reload', warned), { status: 200 }, 'a warning is not a failure')
  const bad = { reload: () => Promise.resolve([errorAt(source, { start: 0, end: 1 }, 'bad')]) }
  tap.match(await ask('POST', '/-/reload', bad), { status: 400, body: /c\.alloy:1:1: error: bad/ })
  const thrown = { reload: () => Promise.reject(new Error('cannot read')) }
  tap.match(await ask('POST', '/-/reload', thrown), { status: 400, body: /cannot read/ })
  tap.match(await ask('DELETE', '/-/reload'), { status: 405 })
})
