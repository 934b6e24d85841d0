/** A text from a web server as a value. */
import t from 'tap'
import { remoteHttp } from '../../../../lib/components/remote.http/remote-http.ts'
import { ComponentBench, until } from '../../../support/component-run.ts'
import { serve } from '../../../support/serve.ts'

const content = (text: string, optional = true) => new Map([['content', { kind: 'secret', text, optional }]])

void t.test('the first text is got before the component is made, then it is polled', async (t) => {
  let text = '  one\n'
  let status = 200
  const url = await serve(t, (_request, response) => response.writeHead(status).end(text))
  const bench = new ComponentBench()
  const input = { url: `${url}/a`, poll_frequency: '30s' }
  const options = bench.options(remoteHttp, input)
  const prepared = await remoteHttp.prepare!(options, bench.context)
  t.same(prepared, content('one'))
  const component = bench.create(remoteHttp, input, prepared)
  t.teardown(() => component.close!())
  t.equal(component.exports, prepared)
  await component.start!()
  text = 'two'
  bench.clock.advance(30_000)
  await until(() => bench.exported.length > 0)
  t.same(bench.exported, [content('two')])
  status = 404
  bench.clock.advance(30_000)
  await until(() => component.health!().state === 'unhealthy')
  t.match(component.health!().message, /cannot get .*\/a: expected status 200, found 404/)
  status = 200
  bench.clock.advance(30_000)
  await until(() => component.health!().state === 'healthy')
  t.equal(bench.exported.length, 1, 'the same text again is nothing new')
})

void t.test('a first text that cannot be had refuses the config', async (t) => {
  const url = await serve(t, (_request, response) => response.writeHead(500).end('no'))
  const bench = new ComponentBench()
  const options = bench.options(remoteHttp, { url, is_secret: true })
  await t.rejects(remoteHttp.prepare!(options, bench.context), {
    code: 'IO',
    option: 'url',
    message: /expected status 200, found 500/,
  })
})
