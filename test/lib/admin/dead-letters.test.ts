/** Dead letters on the page: what is listed, how they're sent again, and who may do that. */
import { cp } from 'node:fs/promises'
import t, { type Test } from 'tap'
import type { LettersStatus } from '../../../lib/page/dead-letters.ts'
import { adminService, type AdminService } from '../../support/admin-service.ts'
import { startFakeLoki, type FakeLoki } from '../../support/fake-loki.ts'

const LETTERS = '/api/v0/logstream/dead-letters'
const REPLAY = `${LETTERS}/replay?component=loki.write.w`

async function withLetters(tap: Test, more = ''): Promise<AdminService & { loki: FakeLoki }> {
  const folder = tap.testdir()
  await cp('fixtures/storage-0.1.0', `${folder}/data`, { recursive: true })
  const loki = await startFakeLoki()
  tap.teardown(() => loki.close())
  const admin = await adminService(
    folder,
    `logging { level = "error" }
loki.write "w" {
  endpoint {
    url          = "${loki.url}/loki/api/v1/push"
    bearer_token = "planted-token"
  }
}
${more}`,
  )
  tap.teardown(() => admin.service.stop())
  return { ...admin, loki }
}

void t.test('they are listed by reason, and sent again with the credentials of the config', async (tap) => {
  const { get, loki } = await withLetters(tap)
  const list = async (): Promise<LettersStatus> =>
    (JSON.parse((await get(LETTERS)).text) as LettersStatus[])[0]!
  tap.match(await list(), {
    component: 'loki.write.w',
    letters: 3,
    waiting: 3,
    since: Number,
    reasons: [{ status: 400, letters: 3, reason: /^entry for stream … has timestamp/, example: /\{/ }],
  })
  tap.match(await get(REPLAY), { status: 405 }, 'nothing changes by a GET')
  tap.match(await get(`${LETTERS}/replay?component=loki.write.x`, { method: 'POST' }), { status: 404 })

  loki.respond(() => ({ status: 401, body: 'who is planted-token?' }))
  const unsent = await get(REPLAY, { method: 'POST' })
  tap.match(unsent.text, /"delivered":0,"refused":0,"unsent":3,"left":3,"why":".*who is \(secret\)\?/)
  loki.respond(() => 204)
  tap.match(await get(REPLAY, { method: 'POST' }), {
    status: 200,
    text: '{"delivered":3,"refused":0,"unsent":0,"left":0}',
  })
  tap.same(
    loki
      .entries()
      .filter(({ line }) => line.startsWith('dead'))
      .map(({ line }) => line),
    ['dead line 0', 'dead line 1', 'dead line 2'],
  )
  tap.equal(loki.pushes.at(-1)!.headers.authorization, 'Bearer planted-token')
  tap.match(await list(), { letters: 3, waiting: 0, reasons: [] })
  tap.match(await get(REPLAY, { method: 'POST' }), { text: /"delivered":0/ }, 'nothing is sent twice')
})

void t.test('other sites and read-only users replay and reload nothing', async (tap) => {
  const { get, service, loki } = await withLetters(
    tap,
    `http {
  auth {
    basic {
      username = "admin"
      password = "a"
    }
    read_only {
      username = "guest"
      password = "g"
    }
  }
}`,
  )
  const auth = 'admin:a'
  for (const path of [REPLAY, '/-/reload']) {
    for (const [name, value] of [
      ['origin', 'http://evil.example'],
      ['origin', 'null'],
      ['sec-fetch-site', 'cross-site'],
      ['sec-fetch-site', 'same-site'],
    ] as const)
      tap.match(
        await get(path, { method: 'POST', headers: { [name]: value }, auth }),
        { status: 403 },
        `${name}: ${value}`,
      )
    tap.match(await get(path, { method: 'POST' }), { status: 401 })
    tap.match(await get(path, { method: 'POST', auth: 'guest:g' }), {
      status: 403,
      text: /"guest" may look and not act/,
    })
  }
  tap.equal(loki.entries().filter(({ line }) => line.startsWith('dead')).length, 0)
  const status = async (user: string): Promise<Record<string, unknown>> =>
    JSON.parse((await get('/api/v0/logstream/status', { auth: user })).text) as Record<string, unknown>
  tap.match(await status('guest:g'), { actionsRefused: /may look/ })
  tap.equal((await status(auth))['actionsRefused'], undefined)
  tap.match(await get(LETTERS, { auth: 'guest:g' }), { status: 200 }, 'who may look sees them')
  const headers = { origin: service.url! }
  tap.match(await get(REPLAY, { method: 'POST', headers, auth }), { status: 200 })
})
