/** The Authorization header from each kind of credentials, files that change, and OAuth tokens. */
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { authorizer, type Authorizer } from '../../../../lib/net/client/auth.ts'
import { clientFields } from '../../../../lib/net/client/fields.ts'

type Given = Readonly<Record<string, unknown>>

function auth(given: Given, url = 'http://loki:3100/', now = () => 0): Authorizer {
  return authorizer(decodeInput('client', clientFields, given), new URL(url), now)
}

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`

void t.test('one header from each kind of credentials', async (tap) => {
  const file = join(tap.testdir(), 'secret')
  writeFileSync(file, ' from a file\n')
  const cases: [Given, string, string | undefined][] = [
    [{}, 'http://loki/', undefined],
    [{}, 'http://u%40x:p%3Aq@loki/', basic('u@x:p:q')],
    [{ basic_auth: { username: 'u', password: 'ä' } }, 'http://loki/', basic('u:ä')],
    [
      { basic_auth: { username: 'u', password_file: file } },
      'http://other:user@loki/',
      basic('u:from a file'),
    ],
    [{ authorization: { credentials: 'c' } }, 'http://loki/', 'Bearer c'],
    [{ authorization: { type: 'Token', credentials_file: file } }, 'http://loki/', 'Token from a file'],
    [{ bearer_token: 'b' }, 'http://loki/', 'Bearer b'],
    [{ bearer_token_file: file }, 'http://loki/', 'Bearer from a file'],
  ]
  for (const [given, url, header] of cases)
    tap.equal(await auth(given, url).header(), header, JSON.stringify(given))
})

void t.test(
  'a file is read for each request, and a missing one is named without what was in it',
  async (tap) => {
    const file = join(tap.testdir(), 'secret')
    const own = auth({ bearer_token_file: file })
    await tap.rejects(own.header(), {
      code: 'IO',
      message: /^cannot read the credentials in ".*secret": no such file/,
    })
    writeFileSync(file, 'one')
    tap.equal(await own.header(), 'Bearer one')
    writeFileSync(file, 'two')
    tap.equal(await own.header(), 'Bearer two')
    await own.close()
  },
)

void t.test('credentials that exclude each other', (tap) => {
  const token_url = 'http://x/token'
  const cases: [Given, RegExp][] = [
    [{ basic_auth: { username: 'u' }, bearer_token: 'b' }, /more than one kind of credentials/],
    [{ bearer_token: 'b', bearer_token_file: 'f' }, /more than one kind/],
    [{ authorization: {}, oauth2: { client_id: 'i', token_url } }, /more than one kind/],
    [{ basic_auth: { password: 'p', password_file: 'f' } }, /password and password_file/],
    [{ authorization: { credentials: 'c', credentials_file: 'f' } }, /credentials and credentials_file/],
    [{ authorization: { type: ' BASIC', credentials: 'c' } }, /use basic_auth/],
    [{ oauth2: { token_url } }, /needs a client_id/],
    [{ oauth2: { client_id: 'i', token_url: 'nowhere' } }, /token_url that is a URL/],
    [
      { oauth2: { client_id: 'i', token_url, client_secret: 's', client_secret_file: 'f' } },
      /client_secret and client_secret_file/,
    ],
  ]
  for (const [given, message] of cases)
    tap.throws(() => auth(given), { code: 'BAD_CONFIG', message }, String(message))
  tap.end()
})

interface TokenServer {
  readonly url: string
  /** Authorization header and form of each request. */
  readonly asked: [string | undefined, Record<string, string>][]
}

async function tokenServer(
  tap: Test,
  answer: (asked: number, request: IncomingMessage, response: ServerResponse) => void,
): Promise<TokenServer> {
  const asked: TokenServer['asked'] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push([request.headers.authorization, Object.fromEntries(new URLSearchParams(body))])
      answer(asked.length, request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  tap.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, asked }
}

void t.test('an OAuth token is fetched once, and again shortly before it ends', async (tap) => {
  const { url, asked } = await tokenServer(tap, (count, _, response) =>
    response.end(JSON.stringify({ access_token: `t${count}`, token_type: 'bearer', expires_in: 60 })),
  )
  let now = 1000
  const own = auth(
    {
      oauth2: {
        client_id: 'i d',
        client_secret: 's:1',
        token_url: url,
        scopes: ['a', 'b'],
        endpoint_params: { audience: 'loki' },
      },
    },
    undefined,
    () => now,
  )
  tap.teardown(() => own.close())
  tap.same(
    await Promise.all([own.header(), own.header()]),
    ['Bearer t1', 'Bearer t1'],
    'one request for both',
  )
  now += 49_999
  tap.equal(await own.header(), 'Bearer t1')
  now += 1
  tap.equal(await own.header(), 'Bearer t2')
  tap.equal(asked.length, 2)
  tap.same(asked[0], [
    basic('i%20d:s%3A1'),
    { grant_type: 'client_credentials', scope: 'a b', audience: 'loki' },
  ])
})

void t.test('a server that wants the credentials in the form gets them there', async (tap) => {
  const { url, asked } = await tokenServer(tap, (count, _, response) => {
    if (count === 1) response.writeHead(401).end()
    else response.end(JSON.stringify({ access_token: 'x', token_type: 'MAC' }))
  })
  const own = auth({ oauth2: { client_id: 'i', client_secret: 's', token_url: url } })
  tap.teardown(() => own.close())
  tap.equal(await own.header(), 'MAC x')
  tap.same(asked[1], [undefined, { grant_type: 'client_credentials', client_id: 'i', client_secret: 's' }])
  tap.equal(await own.header(), 'MAC x', 'without an end it is kept')
  tap.equal(asked.length, 2)
})

void t.test('no token: the next try asks again, and the error holds no secret', async (tap) => {
  const { url, asked } = await tokenServer(tap, (count, _, response) => {
    if (count === 1) response.writeHead(500).end('{"access_token":"x"}')
    else if (count === 2) response.end('no JSON')
    else response.end('{"access_token":"fine"}')
  })
  const own = auth({ oauth2: { client_id: 'i', client_secret: 'hush', token_url: `${url}?k=hush` } })
  tap.teardown(() => own.close())
  for (const status of [500, 200])
    await tap.rejects(own.header(), {
      code: 'IO',
      message: `oauth2: expected a token from ${url}, found status ${status}`,
    })
  tap.equal(await own.header(), 'Bearer fine')
  tap.equal(asked.length, 3)
})
