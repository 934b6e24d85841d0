/** Requests for a text: what is sent, redirects, limits, and arguments that cannot work. */
import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import type { InputOf } from '../../../../lib/component/fields.ts'
import { fetchFields, textFetcher } from '../../../../lib/net/client/fetch-text.ts'
import { serve, type Answer } from '../../../support/serve.ts'
import { refusal } from '../../../support/stage-run.ts'

const fetcher = (input: InputOf<typeof fetchFields>) =>
  textFetcher(decodeInput('fetch', fetchFields, input), () => 0)

async function read(input: InputOf<typeof fetchFields>): Promise<string> {
  const made = fetcher(input)
  try {
    return await made.read()
  } finally {
    await made.close()
  }
}

const echo: Answer = (request, response) => {
  const { method, url, headers } = request
  const { authorization, 'x-own': own, 'x-secret': secret } = headers
  request.setEncoding('utf8')
  let body = ''
  request.on('data', (chunk: string) => (body += chunk))
  request.on('end', () => response.end(JSON.stringify({ method, url, authorization, own, secret, body })))
}

void t.test('method, body, headers and credentials are sent', async (t) => {
  const url = await serve(t, echo)
  const sent = {
    url: `${url}/p?q=1`,
    method: 'POST',
    body: 'hello',
    headers: { 'X-Own': 'a' },
    client: { bearer_token: 'tok', http_headers: { 'X-Secret': ['s'] } },
  }
  t.same(JSON.parse(await read(sent)), {
    method: 'POST',
    url: '/p?q=1',
    authorization: 'Bearer tok',
    own: 'a',
    secret: 's',
    body: 'hello',
  })
})

void t.test('redirects are followed, and credentials stay at home', async (t) => {
  const away = await serve(t, echo)
  const url = await serve(t, (request, response) => {
    const to: Record<string, [number, string]> = {
      '/here': [307, '/echo'],
      '/away': [302, `${away}/x`],
      '/ring': [301, '/ring'],
      '/odd': [302, 'file:///etc/passwd'],
    }
    const [status, location] = to[request.url!] ?? []
    if (status === undefined) echo(request, response)
    else response.writeHead(status, { location }).end()
  })
  const client = { bearer_token: 'tok', http_headers: { 'X-Secret': ['s'] } }
  const post = (path: string) => read({ url: url + path, method: 'POST', body: 'b', client })
  t.match(JSON.parse(await post('/here')), { method: 'POST', body: 'b', authorization: 'Bearer tok' })
  const found = JSON.parse(await post('/away')) as Record<string, string>
  t.match(found, { method: 'GET', body: '', url: '/x' })
  t.same([found['authorization'], found['secret']], [undefined, undefined])
  await t.rejects(post('/ring'), /redirected more than 10 times/)
  await t.rejects(post('/odd'), /scheme "file"/)
  const stay = { ...client, follow_redirects: false }
  await t.rejects(read({ url: `${url}/here`, client: stay }), /expected status 200, found 307/)
})

void t.test('a server that does not answer is given up, without showing the query', async (t) => {
  const url = await serve(t, () => {})
  await t.rejects(read({ url: `${url}/slow?token=x`, poll_timeout: '20ms' }), {
    code: 'IO',
    message: `cannot get ${url}/slow: no answer within 20 ms`,
  })
})

void t.test('arguments that cannot work', (t) => {
  const url = 'http://localhost/'
  for (const [input, refused] of [
    [{ url: 'ftp://x' }, 'BAD_CONFIG url'],
    [{ url: 'x' }, 'BAD_CONFIG url'],
    [{ url, method: 'G T' }, 'BAD_CONFIG method'],
    [{ url, poll_frequency: '0s' }, 'BAD_CONFIG poll_frequency'],
    [{ url, poll_timeout: '0s' }, 'BAD_CONFIG poll_timeout'],
    [{ url, poll_timeout: '1m' }, 'BAD_CONFIG poll_timeout'],
    [{ url, headers: { 'a b': 'c' } }, 'BAD_CONFIG headers'],
    [{ url, client: { bearer_token: 'a', bearer_token_file: 'b' } }, 'BAD_CONFIG'],
    [{ url, client: { tls_config: { cert_pem: 'x' } } }, 'BAD_CONFIG key_file'],
  ] as const)
    t.equal(
      refusal(() => fetcher(input)),
      refused,
      JSON.stringify(input),
    )
  t.end()
})
