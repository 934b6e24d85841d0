/** The examples of the reference: each component and stage has one, and it works. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { main } from '../../lib/cli/main.ts'
import { references } from '../../lib/docs/reference.ts'
import { readExamples } from '../../lib/docs/examples.ts'
import { fakeIo } from '../support/fake-io.ts'
import { serve } from '../support/serve.ts'

const FOLDER = 'docs/reference/examples'

/** It needs a database of addresses, which no one may pass on. */
const WITHOUT: ReadonlySet<string> = new Set(['stage.geoip'])

const WRITE = `loki.write "default" {
	endpoint { url = "http://127.0.0.1:3100/loki/api/v1/push" }
}
`

void t.test('everything has an example', (tap) => {
  const examples = readExamples(FOLDER)
  const names = references().filter(({ kind }) => kind !== 'block')
  tap.same(
    names.map(({ name }) => name).filter((name) => !examples.has(name) && !WITHOUT.has(name)),
    [],
  )
  const known = new Set(names.map(({ name }) => name))
  tap.same(
    [...examples.keys()].filter((name) => !known.has(name)),
    [],
  )
  tap.end()
})

void t.test('the stages do that', async (tap) => {
  const io = fakeIo()
  tap.equal(await main(['test', FOLDER], io), 0, io.out())
})

void t.test('the configs are valid, and formatted', async (tap) => {
  const url = await serve(tap, (request, response) =>
    response.end(
      request.url!.startsWith('/api/')
        ? JSON.stringify({ data: { password: 'eA==', url: 'http://loki/loki/api/v1/push' } })
        : 'v1',
    ),
  )
  const folder = tap.testdir({
    password: 'x',
    kubeconfig: `current-context: c
contexts: [{ name: c, context: { cluster: c, user: u } }]
clusters: [{ name: c, cluster: { server: "${url}" } }]
users: [{ name: u, user: {} }]
`,
  })
  for (const name of readdirSync(FOLDER).filter((each) => each.endsWith('.alloy'))) {
    const file = join(FOLDER, name)
    const text = readFileSync(file, 'utf8')
      .replace('/run/secrets/loki', join(folder, 'password'))
      .replace('https://config.example', url)
      .replaceAll('/etc/logstream/kubeconfig', join(folder, 'kubeconfig'))
    const whole = join(folder, name)
    writeFileSync(whole, text.includes('loki.write "default"') ? text : `${text}${WRITE}`)
    const io = fakeIo('', {
      LOKI_PASSWORD: 'x',
      CLOUDFLARE_TOKEN: 'x',
      EVENT_HUBS_CONNECTION:
        'Endpoint=sb://example.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k',
    })
    tap.equal(
      await main(['validate', '--stability.level=experimental', whole], io),
      0,
      `${name}\n${io.err()}`,
    )
    const format = fakeIo()
    tap.equal(await main(['fmt', '--test', file], format), 0, format.err())
  }
})
