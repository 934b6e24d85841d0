/** kill -9 while windows are pulled from a stand-in of Cloudflare's Logpull. Loki is down half of the time. Every log arrives. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { FakeCloudflare } from '../support/fake-cloudflare.ts'
import { startFakeLoki } from '../support/fake-loki.ts'
import { startCommand } from '../support/service.ts'

const ROUNDS = 8

void t.test('kill -9 within windows, and between them', async (tap) => {
  const folder = tap.testdir({})
  let up = true
  const loki = await startFakeLoki({ respond: () => (up ? 204 : 503) })
  tap.teardown(() => loki.close())
  const cloudflare = await FakeCloudflare.start(tap, 5)
  // Half of an answer comes later, so that kills hit windows that are half read.
  cloudflare.instead = ({ start: from, end: to }, response) => {
    const text = cloudflare.lines(from, to).map((line) => `${line}\n`)
    response.writeHead(200).write(text.slice(0, text.length / 2).join(''))
    setTimeout(() => response.end(text.slice(text.length / 2).join('')), 300)
    return true
  }
  const config = join(folder, 'config.alloy')
  writeFileSync(
    config,
    `loki.source.cloudflare "in" {
  zone_id    = "z"
  api_token  = "t"
  api_url    = "${cloudflare.url}"
  workers    = 2
  pull_range = "1s"
  labels     = { job = "cloudflare" }
  forward_to = [loki.write.out.receiver]
}
loki.write "out" {
  endpoint {
    url                 = "${loki.pushUrl}"
    batch_wait          = "50ms"
    min_backoff_period  = "20ms"
    max_backoff_retries = 2
  }
}
`,
  )
  const args = ['run', config, '--server.http.listen-addr=', `--storage.path=${join(folder, 'data')}`]
  for (let round = 0; round < ROUNDS; round++) {
    const service = startCommand(args)
    await service.said('msg=running')
    up = round % 2 === 0
    await sleep(700 + ((round * 437) % 1500))
    tap.equal(await service.end('SIGKILL'), 'SIGKILL', `round ${round + 1}`)
  }
  up = true
  const [{ start }] = cloudflare.requests as [(typeof cloudflare.requests)[0]]
  const end = Math.max(...cloudflare.requests.map((request) => request.end))
  const lines = cloudflare.lines(start, end)
  const last = startCommand(args)
  tap.teardown(() => last.child.kill('SIGKILL'))
  const arrived = new Set<string>()
  let counted = 0
  await loki.waitUntil(() => {
    const entries = loki.entries()
    for (; counted < entries.length; counted++) arrived.add(entries[counted]!.line)
    return lines.every((line) => arrived.has(line))
  })
  tap.equal(await last.end('SIGTERM'), 0)
  const twice = loki.entries().length - new Set(loki.entries().map(({ line }) => line)).size
  const same = new Set(loki.entries().map(({ line, timestamp }) => `${timestamp} ${line}`)).size
  tap.comment(`${lines.length} logs in ${ROUNDS} lives: 0 lost, ${twice} arrived twice`)
  tap.equal(
    same,
    new Set(loki.entries().map(({ line }) => line)).size,
    'twice at the same time: Loki keeps one',
  )
})
