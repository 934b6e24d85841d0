import t from 'tap'
import { componentsPage, escapeHtml } from '../../../lib/admin/page.ts'

const component = (fullId: string, message = '') => ({
  fullId,
  id: fullId,
  name: 'x',
  health: { state: message === '' ? ('healthy' as const) : ('unhealthy' as const), message },
  forwardTo: ['loki.write.a'],
  status: undefined,
})

void t.test('components and their health', (tap) => {
  const page = componentsPage([component('a'), component('b', 'it <broke>')])
  tap.match(page, /2 components, 1 unhealthy/)
  tap.match(page, /class="unhealthy">unhealthy: it &lt;broke&gt;</)
  tap.match(page, /<code>loki.write.a<\/code>/)
  tap.match(componentsPage([]), /0 components, all healthy/)
  tap.end()
})

void t.test('nothing from outside becomes markup', (tap) => {
  const evil = `<img src=x onerror="alert('1')">&`
  tap.equal(escapeHtml(evil), '&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;')
  const page = componentsPage([{ ...component(evil, evil), forwardTo: [evil] }])
  tap.notMatch(page, /<img/)
  tap.end()
})

void t.test('the account of all lines', (tap) => {
  const rows = [
    { state: 'delivered' as const, reason: '', units: 1234567 },
    { state: 'dropped' as const, reason: 'drop_stage', units: 3 },
    { state: 'dropped' as const, reason: '<b>', units: 4 },
    { state: 'dead_lettered' as const, reason: 'too old', units: 1 },
  ]
  const ledger = { read: 1234580, inFlight: 5, rows: () => rows }
  const page = componentsPage([component('a')], { prefix: '/x/', ledger, support: true })
  const facts = [...page.matchAll(/<dt>([^<]*)<\/dt><dd[^>]*>([^<]*)<\/dd>/g)].map(([, name, value]) => [
    name,
    value!.replaceAll('\u202f', ' '),
  ])
  tap.same(facts, [
    ['read', '1 234 580'],
    ['delivered', '1 234 567'],
    ['spooled', '0'],
    ['dropped', '7'],
    ['dead letters', '1'],
    ['in flight', '5'],
  ])
  const reasons = [...page.matchAll(/<td><code>([^<]*)<\/code><\/td><td class="number">/g)].map(
    ([, reason]) => reason,
  )
  tap.same(reasons, ['&lt;b&gt;', 'drop_stage', 'too old'], 'the most frequent first')
  tap.match(page, 'href="/-/support"')
  tap.match(page, 'href="/x/api/v0/web/components/a"')
  tap.notMatch(componentsPage([]), '/-/support')
  tap.end()
})
