/** Modules and values from other machines: fetched before the config is built, polled, and kept when they fail. */
import t from 'tap'
import { serve } from '../../../support/serve.ts'
import { supervised } from '../../../support/supervised.ts'
import { until } from '../../../support/component-run.ts'

const MODULE = (mark: string): string => `declare "it" { test.sink "s" { value = ["${mark}", module_path] } }`

void t.test('a module over HTTP, and what becomes of it', async (t) => {
  let text = MODULE('one')
  let status = 200
  let asked = 0
  const url = await serve(t, (_request, response) => {
    asked++
    response.writeHead(status).end(text)
  })
  const bench = supervised(t)
  const config = `import.http "m" {\n  url = "${url}/dir/m.alloy?token=x"\n  poll_frequency = "30s"\n}\nm.it "i" { }\n`
  t.same(await bench.load(config), [])
  const id = 'm.it.i/test.sink.s'
  t.same(bench.value(id), ['one', `${url}/dir`])
  t.same(await bench.load(`${config}// edited`), [])
  t.equal(asked, 1, 'a reload does not ask again')

  text = MODULE('two')
  bench.clock.advance(30_000)
  await until(() => {
    bench.clock.advance(0)
    return (bench.value(id) as string[])[0] === 'two'
  })

  status = 500
  bench.clock.advance(30_000)
  await until(() => bench.errors.some((line) => line.includes('found 500')))
  t.same(bench.ids(), [id])

  status = 200
  text = 'declare "it" { test.nothing "s" { } }'
  bench.clock.advance(30_000)
  await until(() => {
    bench.clock.advance(0)
    return bench.errors.some((line) => line.includes('there is no component'))
  })
  t.same(bench.ids(), [id], 'the old one keeps running')
  await bench.supervisor.stop()
  const before = asked
  bench.clock.advance(300_000)
  t.equal(asked, before, 'nothing is polled after the end')
})

void t.test('modules over HTTP that import others', async (t) => {
  const files: Record<string, string> = {}
  const url = await serve(t, (request, response) => {
    const text = files[request.url!]
    response.writeHead(text === undefined ? 404 : 200).end(text)
  })
  const nested = (path: string): string => `import.http "n" { url = "${url}${path}" }\n`
  files['/a'] = `${nested('/b')}declare "it" { n.it "x" { } }`
  files['/b'] = MODULE('deep')
  files['/ring'] = `${nested('/ring')}${MODULE('ring')}`
  files['/file'] = `import.file "f" { filename = "/etc/x.alloy" }\n${MODULE('file')}`
  files['/bad'] = 'declare "it" {'
  for (let i = 0; i < 40; i++) files[`/deep${i}`] = nested(`/deep${i + 1}`)
  const bench = supervised(t)
  t.same(await bench.load(`${nested('/a')}n.it "i" { }`), [])
  t.same(bench.value('n.it.i/n.it.x/test.sink.s'), ['deep', url])
  for (const [path, message] of [
    ['/ring', /is being imported already/],
    ['/file', /a module that comes over HTTP cannot use import.file/],
    ['/bad', /expected/],
    ['/none', /c:1:19 cannot get .*\/none: expected status 200, found 404/],
  ] as const)
    t.match((await supervised(t).check(nested(path))).join('\n'), message, path)
  await t.rejects(supervised(t).check(nested('/deep0')), {
    code: 'BAD_CONFIG',
    message: /nested deeper than 32/,
  })
})

void t.test('a text over HTTP is there before what refers to it is built', async (t) => {
  let status = 200
  const url = await serve(t, (_request, response) => response.writeHead(status).end('secret text'))
  const bench = supervised(t)
  const config = (path: string): string => `
remote.http "a" { url = "${url}${path}" }
test.sink "s" { value = remote.http.a.content }
`
  t.same(await bench.load(config('/1')), [])
  t.match(bench.value('test.sink.s'), { text: 'secret text', optional: true })
  status = 403
  t.match(await bench.load(config('/2')), [/c:2:19 cannot get .*\/2: expected status 200, found 403/])
  t.same(bench.ids().sort(), ['remote.http.a', 'test.sink.s'])
  t.same(await bench.load(`${config('/1')}// the same text as before`), [])
  status = 200
  t.same(await bench.load(config('/2')), [], 'a failure is not remembered')
})

void t.test('arguments that cannot work are told without asking anybody', async (t) => {
  const bench = supervised(t)
  t.match(
    await bench.check(
      'import.http "m" {\n  url = "ftp://x"\n}\nimport.git "g" {\n  repository = "r"\n  path = "p"\n  revision = "HEAD"\n}',
    ),
    [/c:2:3 url: expected an http/, /c:7:3 revision: expected a branch/],
  )
})

void t.test('a config can be checked first and then run', async (t) => {
  const url = await serve(t, (_request, response) => response.end(MODULE('one')))
  const bench = supervised(t)
  const config = `import.http "m" { url = "${url}/m" }\nm.it "i" { }`
  t.same(await bench.check(config), [])
  t.same(await bench.load(config), [])
  t.same(bench.ids(), ['m.it.i/test.sink.s'])
})
