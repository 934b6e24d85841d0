/** Whatever shows log lines asks whether this client may see them, and what acts asks whether it may act. */
import t from 'tap'
import { RecentFailures } from '../../../lib/admin/failures/recent.ts'
import type { Guard } from '../../../lib/admin/guards.ts'
import { adminRoutes } from '../../../lib/admin/routes.ts'
import type { Watched } from '../../../lib/admin/tap/points.ts'
import { route, type Answer } from '../../../lib/net/server/router.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'
import { answerTo, httpRequest } from '../../support/http-request.ts'

const watched: Watched = {
  details: () => [],
  watch: () => () => {},
  watchOutput: () => () => {},
  watchStages: () => () => {},
}

const CONTENT = [
  ['GET', '/api/v0/logstream/tap/loki.process.p'],
  ['GET', '/api/v0/web/debug/loki.process.p'],
  ['GET', '/api/v0/logstream/failures/recent'],
  ['GET', '/api/v0/logstream/failures/refused'],
  ['POST', '/api/v0/logstream/failures/explain'],
  ['POST', '/api/v0/logstream/failures/try'],
] as const

async function ask(
  method: string,
  path: string,
  guards: { readonly guard?: Guard; readonly actions?: Guard },
): Promise<Answer | undefined> {
  const routes = adminRoutes({
    components: () => [],
    ready: () => true,
    reload: () => Promise.resolve([]),
    metrics: Metrics.create(),
    inspected: { components: () => [], details: () => [], texts: [], settings: new Map() },
    watched,
    failures: { recent: new RecentFailures(watched), storagePath: undefined },
    ...guards,
  })
  return await answerTo(route(routes, method, path), httpRequest({ method, path }))
}

for (const [method, path] of CONTENT)
  void t.test(`${method} ${path} is for those who may see lines`, async (tap) => {
    tap.match(await ask(method, path, { guard: () => 'not you' }), { status: 403, body: /^not you/ })
    const answer = await ask(method, path, { guard: () => undefined })
    tap.not(answer?.status, 403)
    tap.not(answer?.status, 405)
  })

void t.test('a stage is tried by those who may act; explaining is looking', async (tap) => {
  const actions = (): string => 'look only'
  const failures = '/api/v0/logstream/failures/'
  tap.match(await ask('POST', `${failures}try`, { actions }), { status: 403, body: /^look only/ })
  tap.match(await ask('POST', `${failures}explain`, { actions }), { status: 400 }, 'of a body that is empty')
  tap.match(await ask('GET', `${failures}try`, {}), { status: 405 }, 'never by GET')
})
