import t from 'tap'
import { html, json, route, text, type Answer, type Route } from '../../../../lib/net/server/router.ts'
import { answerTo, httpRequest } from '../../../support/http-request.ts'

const routes: readonly Route[] = [
  { methods: ['GET'], path: '/a', handle: () => text(200, 'got a') },
  { methods: ['POST', 'PUT'], path: '/a', handle: () => text(200, 'put a') },
  { methods: ['GET'], path: '/b/*', handle: () => text(200, 'below b') },
]

const answer = (method: string, path: string): Promise<Answer | undefined> =>
  answerTo(route(routes, method, path), httpRequest({ method, path }))

void t.test('method and path lead to a handler', async (tap) => {
  tap.match(await answer('GET', '/a'), { body: /^got a\n$/ })
  tap.match(await answer('HEAD', '/a'), { body: /^got a\n$/ }, 'HEAD is GET without its body')
  tap.match(await answer('PUT', '/a'), { body: /^put a\n$/ })
  tap.match(await answer('GET', '/b/c/d'), { body: /^below b\n$/ })
  tap.match(await answer('GET', '/b'), { status: 404 })
  tap.match(await answer('GET', '/c'), { status: 404, body: /there is nothing at \/c/ })
  tap.match(await answer('DELETE', '/a'), { status: 405, headers: { allow: 'GET, POST, PUT' } })
  tap.match(await answer('HEAD', '/nothing'), { status: 404 })
})

void t.test('answers', (tap) => {
  tap.same(text(200, 'x\n').body, 'x\n', 'one line end')
  tap.match(html(200, '<p>'), { type: /^text\/html/, body: '<p>' })
  tap.match(json(418, { a: [1] }), { status: 418, type: /^application\/json/, body: '{"a":[1]}' })
  tap.end()
})
