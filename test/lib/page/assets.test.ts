import { mkdirSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { pageRoutes } from '../../../lib/page/assets.ts'
import { startServer } from '../../../lib/net/server/server.ts'
import { get, type Ask, type Got } from '../../support/admin-service.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {}, with: () => quiet }

async function page(tap: Test): Promise<(path: string, ask?: Ask) => Promise<Got>> {
  const folder = `${tap.testdir()}/page/`
  mkdirSync(folder)
  writeFileSync(`${folder}main.js`, 'const answer = 42')
  writeFileSync(`${folder}secret.txt`, 'no')
  const server = await startServer({
    listen: '127.0.0.1:0',
    routes: pageRoutes('/logs/', pathToFileURL(folder)),
    log: quiet,
  })
  tap.teardown(() => server.close())
  return (path, ask) => get(`${server.url}${path}`, ask)
}

void t.test('the document allows files of this server and nothing else', async (tap) => {
  const ask = await page(tap)
  const [first, second] = [await ask('/logs/'), await ask('/logs/')]
  tap.match(first, { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } })
  const policy = first.headers['content-security-policy']!
  tap.match(policy, "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-")
  tap.notMatch(policy, 'unsafe')
  tap.notMatch(first.text, /<script>|<style|\bon\w+=|\sstyle=/, 'nothing in it is inline')
  tap.notMatch(first.text, /(?:src|href)="(?:https?:)?\//, 'addresses are relative')
  tap.not(policy, second.headers['content-security-policy'], 'every document has its own nonce')
})

void t.test('scripts are packed, and not sent twice', async (tap) => {
  const ask = await page(tap)
  const plain = await ask('/logs/assets/main.js')
  tap.match(plain, { status: 200, text: 'const answer = 42', headers: { 'content-type': /javascript/ } })
  const packed = await ask('/logs/assets/main.js', { headers: { 'accept-encoding': 'br, gzip' } })
  tap.equal(packed.headers['content-encoding'], 'gzip')
  tap.equal(gunzipSync(packed.body).toString(), plain.text)
  const known = { 'if-none-match': plain.headers['etag']! }
  tap.match(await ask('/logs/assets/main.js', { headers: known }), { status: 304, text: '' })
})

void t.test('only its own files are served', async (tap) => {
  const ask = await page(tap)
  for (const path of ['secret.txt', 'none.js', '../assets.test.js', '..%2fmain.js', '%2e%2e/main.js', ''])
    tap.match(await ask(`/logs/assets/${path}`), { status: 404 }, path)
})
