/** A kubeconfig file as the way to an API server: what its current context says, files beside it, programs it names. */
import { writeFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import type { Access } from '../../../../lib/net/kubernetes/access.ts'
import { fromKubeconfig } from '../../../../lib/net/kubernetes/kubeconfig.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

function kubeconfig(user: string, cluster = ''): string {
  return `apiVersion: v1
kind: Config
current-context: here
contexts:
- {name: there, context: {cluster: none, user: none}}
- {name: here, context: {cluster: c, user: u}}
clusters:
- name: c
  cluster:
    server: https://k8s.example:6443/base
${cluster}
users:
- name: u
  user:
${user}
`
}

async function access(tap: Test, text: string, files: Record<string, string> = {}): Promise<Access> {
  const folder = tap.testdir({ config: text, ...files })
  return await fromKubeconfig(`${folder}/config`, () => Date.now())
}

void t.test('token, certificates and proxy', async (tap) => {
  const text = kubeconfig(
    `    token: secret-1\n    client-certificate: pki/me.crt\n    client-key-data: ${base64('KEY')}`,
    `    certificate-authority-data: ${base64('CA')}\n    tls-server-name: other\n    proxy-url: http://proxy:3128`,
  )
  await tap.rejects(access(tap, text), { message: /cannot read ".*\/pki\/me\.crt"/ })
  const folder = tap.testdir({ config: text, pki: { 'me.crt': 'CERT' } })
  const { server, proxy, tls, headers } = await fromKubeconfig(`${folder}/config`, () => 0)
  tap.equal(server.href, 'https://k8s.example:6443/base')
  tap.equal(proxy.proxy_url, 'http://proxy:3128')
  tap.same(await tls(), { ca: 'CA', cert: 'CERT', key: 'KEY', servername: 'other', rejectUnauthorized: true })
  tap.same(await headers(), { authorization: 'Bearer secret-1' })
})

void t.test('a token file is read for each request', async (tap) => {
  const folder = tap.testdir({ config: kubeconfig('    tokenFile: token'), token: 'one\n' })
  const { headers } = await fromKubeconfig(`${folder}/config`, () => 0)
  tap.same(await headers(), { authorization: 'Bearer one' })
  writeFileSync(`${folder}/token`, 'two')
  tap.same(await headers(), { authorization: 'Bearer two' })
})

void t.test('user and password; certificates of servers unchecked', async (tap) => {
  const { headers, tls } = await access(
    tap,
    kubeconfig('    username: u\n    password: p', '    insecure-skip-tls-verify: true'),
  )
  tap.same(await headers(), { authorization: `Basic ${base64('u:p')}` })
  tap.equal((await tls()).rejectUnauthorized, false)
})

void t.test('a program gives tokens until they expire or are refused', async (tap) => {
  const script = `
echo x >>"$COUNTER"
count=$(wc -l <"$COUNTER" | tr -d ' ')
case "$KUBERNETES_EXEC_INFO" in *'"server":"https://k8s.example:6443/base"'*) ;; *) exit 1 ;; esac
echo '{"status":{"token":"'$count'","expirationTimestamp":"1970-01-01T00:0'$count':00Z"}}'`
  const folder = tap.testdir({ counter: '', 'token.sh': script })
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: 'sh',
    args: [`${folder}/token.sh`],
    env: [{ name: 'COUNTER', value: `${folder}/counter` }],
  }
  writeFileSync(`${folder}/config`, kubeconfig(`    exec: ${JSON.stringify(exec)}`))
  let now = 0
  const found = await fromKubeconfig(`${folder}/config`, () => now)
  const token = async (): Promise<unknown> => (await found.headers())['authorization']
  tap.equal(await token(), 'Bearer 1')
  tap.equal(await token(), 'Bearer 1', 'kept')
  now = 55_000
  tap.equal(await token(), 'Bearer 2', 'made anew shortly before it expires')
  found.refused()
  tap.equal(await token(), 'Bearer 3', 'made anew when it was refused')
})

void t.test('what a failing program printed is not repeated', async (tap) => {
  for (const [code, message] of [
    ['echo hush; exit 3', /credential program .* failed: it ended with code 3$/],
    ['echo hush', /its output isn't JSON$/],
    ['echo {}', /expected status.token or a client certificate, found neither$/],
  ] as const) {
    const exec = { command: 'sh', args: ['-c', code] }
    const { headers } = await access(tap, kubeconfig(`    exec: ${JSON.stringify(exec)}`))
    await tap.rejects(headers(), { message })
  }
  const missing = { command: './not-there', installHint: 'Install it.' }
  const { headers } = await access(tap, kubeconfig(`    exec: ${JSON.stringify(missing)}`))
  await tap.rejects(headers(), { message: /ENOENT\. Install it\.$/ })
})

void t.test('mistakes', async (tap) => {
  for (const [text, message] of [
    ['', /has no current-context/],
    ['current-context: x', /the current-context "x" isn't among its contexts/],
    [
      'current-context: x\ncontexts: [{name: x, context: {cluster: c}}]',
      /the cluster "c" isn't among its clusters/,
    ],
    [kubeconfig('    auth-provider: {name: gcp}'), /auth-provider is gone/],
    [
      kubeconfig('').replace('https://k8s.example:6443/base', 'here'),
      /expected the URL of a server, found "here"/,
    ],
    ['{', /cannot read the kubeconfig/],
  ] as const)
    await tap.rejects(access(tap, text), { message }, text)
  await tap.rejects(
    fromKubeconfig('/not/there', () => 0),
    { message: /cannot read the kubeconfig "\/not\/there": no such file/ },
  )
})
