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
