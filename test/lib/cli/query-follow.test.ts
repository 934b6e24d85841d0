import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { queryServer, type QueryPage } from '../../../lib/cli/query-client.ts'
import { followRange } from '../../../lib/cli/query-follow.ts'

interface Line {
  readonly time: bigint
  readonly text: string
}

/** Answers query_range over lines that the test adds as time goes on. */
async function server(test: Test, lines: Line[]): Promise<string> {
  const http = createServer((request, response) => {
    const query = new URL(request.url!, 'http://x').searchParams
    const [start, end] = [BigInt(query.get('start')!), BigInt(query.get('end')!)]
    const found = lines.filter(({ time }) => time >= start && time < end)
    const backward = query.get('direction') === 'backward'
    const ordered = found.toSorted((a, b) => Number(a.time - b.time))
    if (backward) ordered.reverse()
    const values = ordered.slice(0, Number(query.get('limit'))).map(({ time, text }) => [String(time), text])
    const result = values.length === 0 ? [] : [{ stream: { job: 'x' }, values }]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ status: 'success', data: { resultType: 'streams', result } }))
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  test.teardown(() => void http.close())
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

const SECOND = 1_000_000_000n

void t.test('the newest lines, then those that come, late ones too, each once', async (t) => {
  let now = 100n * SECOND
  const lines: Line[] = [1n, 2n, 3n].map((at) => ({ time: (90n + at) * SECOND, text: `old ${at}` }))
  const stop = new AbortController()
  const asked = queryServer(await server(t, lines), [], stop.signal)
  const range = {
    query: '{job="x"}',
    start: 0n,
    end: now,
    limit: 2,
    step: '',
    direction: 'backward' as const,
  }
  const shown: string[] = []
  const add: (() => void)[] = [
    () => lines.push({ time: 101n * SECOND, text: 'new 1' }),
    () => lines.push({ time: 99n * SECOND, text: 'late' }, { time: 102n * SECOND, text: 'new 2' }),
    () => stop.abort(),
  ]
  const pages: AsyncIterable<QueryPage> = followRange(asked, range, {
    everyMs: 1,
    now: () => (now += SECOND),
  })
  for await (const page of pages) {
    shown.push(...page.rows.map(({ text }) => text))
    add.shift()?.()
  }
  t.same(shown, ['old 2', 'old 3', 'new 1', 'late', 'new 2'])
})
