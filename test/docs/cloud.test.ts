/** docs/cloud.md: its configs, run as one, make of its requests what it says. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { FakeCloudflare } from '../support/fake-cloudflare.ts'
import { startFakeLoki } from '../support/fake-loki.ts'
import { postTo } from '../support/push-source.ts'
import { startCommand } from '../support/service.ts'

const page = readFileSync('docs/cloud.md', 'utf8')
const blocks = [...page.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map(([, language, text]) => ({
  language: language!,
  text: text!,
}))

interface Sent {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function requestIn(text: string): Sent {
  const [head = '', body = ''] = text.split(/\n\n([^]*)/)
  const [first = '', ...lines] = head.split('\n')
  return {
    path: first.split(' ')[1]!,
    headers: Object.fromEntries(lines.map((line) => line.split(/: (.*)/).slice(0, 2))) as Record<
      string,
      string
    >,
    body,
  }
}

void t.test('the requests of the page', async (tap) => {
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const cloudflare = await FakeCloudflare.start(tap, 60_000)
  const log = blocks.findIndex(({ language }) => language === 'json')
  // The first of its windows has the log of the page, the rest nothing.
  cloudflare.instead = (_, response) =>
    !!response.writeHead(200).end(cloudflare.requests.length === 1 ? blocks[log]!.text : '')
  const folder = tap.testdir({})
  const file = join(folder, 'cloud.alloy')
  const configs = blocks.filter(({ language, text }) => language === 'alloy' && text.startsWith('// '))
  const text = configs.map((each) => each.text).join('\n')
  writeFileSync(
    file,
    text
      .replaceAll('http://127.0.0.1:3100/loki/api/v1/push', loki.pushUrl)
      .replace(/listen_port = \d+/g, 'listen_port = 0')
      .replace('zone_id', `api_url = "${cloudflare.url}"\n\tzone_id`),
  )
  const args = ['run', file, '--server.http.listen-addr=', `--storage.path=${folder}/state`]
  const service = startCommand(args, { CLOUDFLARE_TOKEN: 'sesame' })
  tap.teardown(() => service.child.kill('SIGKILL'))
  await service.said('msg=running')
  await loki.waitFor(1)
  const [pulled] = loki.entries()
  tap.equal(`${pulled!.labels} ${pulled!.line}`, blocks[log + 1]!.text.trimEnd())
  tap.equal(pulled!.timestamp, /"EdgeStartTimestamp":(\d+)/.exec(pulled!.line)![1])
  for (const [i, { language, text: request }] of blocks.entries()) {
    if (language !== 'http') continue
    const { path, headers, body } = requestIn(request)
    const [, name] = /loki\.source\.(\w+)/.exec(
      blocks.slice(0, i).findLast((each) => each.language === 'alloy')!.text,
    )!
    const [, url] = new RegExp(`loki\\.source\\.${name}\\.\\S+.* address=(\\S+)`).exec(service.stderr())!
    const before = loki.entries().length
    const { status } = await postTo(`${url}${path}`, body, headers)
    tap.ok(status >= 200 && status < 300, `${name}: ${status}`)
    tap.same(
      loki
        .entries()
        .slice(before)
        .map(({ labels, line }) => `${labels} ${line.trimEnd()}`)
        .toSorted(),
      blocks[i + 1]!.text.trimEnd().split('\n').toSorted(),
      name!,
    )
  }
})
