import t from 'tap'
import {
  html,
  json,
  route,
  text,
  type Answer,
  type Request,
  type Route,
} from '../../../../lib/net/server/router.ts'

const routes: readonly Route[] = [
  { methods: ['GET'], path: '/a', handle: () => text(200, 'got a') },
  { methods: ['POST', 'PUT'], path: '/a', handle: () => text(200, 'put a') },
  { methods: ['GET'], path: '/b/*', handle: () => text(200, 'below b') },
]

const answer = (method: string, path: string): Answer =>
  route(routes, method, path)({} as Request, undefined as never) as Answer

void t.test('method and path lead to a handler', (tap) => {
  tap.equal(answer('GET', '/a').body, 'got a\n')
  tap.equal(answer('HEAD', '/a').body, 'got a\n', 'HEAD is GET without its body')
  tap.equal(answer('PUT', '/a').body, 'put a\n')
  tap.equal(answer('GET', '/b/c/d').body, 'below b\n')
  tap.match(answer('GET', '/b'), { status: 404 })
  tap.match(answer('GET', '/c'), { status: 404, body: /there is nothing at \/c/ })
  tap.match(answer('DELETE', '/a'), { status: 405, headers: { allow: 'GET, POST, PUT' } })
  tap.match(answer('HEAD', '/nothing'), { status: 404 })
  tap.end()
})

void t.test('answers', (tap) => {
  tap.same(text(200, 'x\n').body, 'x\n', 'one line end')
  tap.match(html(200, '<p>'), { type: /^text\/html/, body: '<p>' })
  tap.match(json(418, { a: [1] }), { status: 418, type: /^application\/json/, body: '{"a":[1]}' })
  tap.end()
})
