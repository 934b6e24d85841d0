/** Grafana's calls are answered in shape: those of its Loki data source and of Logs Drilldown, and of older clients. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { StoreHarness, storeFolder } from '../../../support/store-harness.ts'

interface Call {
  readonly name: string
  readonly path: string
  readonly params?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** 200 when left out. */
  readonly status?: number
  /** In the body of a plain answer. */
  readonly text?: string
  /** Like the answer; "string", "number" and "any" stand for values, one element of a list for all of them. */
  readonly shape?: unknown
}

const calls = JSON.parse(readFileSync('fixtures/logql/grafana-calls.json', 'utf8')) as Call[]

/** Where a value differs from a shape; an object may have more than the shape. */
function* differences(found: unknown, shape: unknown, at = 'answer'): Generator<string> {
  if (shape === 'any') return
  if (shape === 'string' || shape === 'number') {
    if (typeof found !== shape) yield `${at}: expected a ${shape}, found ${JSON.stringify(found)}`
  } else if (Array.isArray(shape)) {
    if (!Array.isArray(found) || (shape.length > 0 && found.length === 0))
      return yield `${at}: expected a list, found ${JSON.stringify(found)}`
    const list: unknown[] = found
    const tuple = shape.length > 1
    for (const [i, each] of list.entries()) yield* differences(each, shape[tuple ? i : 0], `${at}[${i}]`)
  } else if (typeof shape === 'object' && shape !== null) {
    if (typeof found !== 'object' || found === null)
      return yield `${at}: expected an object, found ${JSON.stringify(found)}`
    for (const [name, each] of Object.entries(shape))
      yield* differences((found as Record<string, unknown>)[name], each, `${at}.${name}`)
  } else if (found !== shape) yield `${at}: expected ${JSON.stringify(shape)}, found ${JSON.stringify(found)}`
}

void t.test("Grafana's calls are answered in shape", async (t) => {
  const harness = new StoreHarness({ path: await storeFolder((run) => t.teardown(run)) })
  await harness.component.start!()
  t.teardown(() => harness.end())
  const now = Date.now()
  const values = Array.from({ length: 40 }, (_, i) => [
    `${now - 300_000 + i * 1000}000000`,
    JSON.stringify({ status: i % 2 === 0 ? 500 : 200, path: `/order/${i}`, level: 'info' }),
  ])
  const body = JSON.stringify({ streams: [{ stream: { app: 'shop' }, values }] })
  const headers = { 'content-type': 'application/json' }
  t.equal((await fetch(`${harness.url}/loki/api/v1/push`, { method: 'POST', headers, body })).status, 204)
  const places: Record<string, string> = {
    start: `${now - 3_600_000}000000`,
    end: `${now + 1000}000000`,
    startIso: new Date(now - 3_600_000).toISOString(),
    endIso: new Date(now + 1000).toISOString(),
  }
  for (const call of calls) {
    const params = Object.entries(call.params ?? {}).map(([name, value]): [string, string] => [
      name,
      value.replaceAll(/\{\{(\w+)\}\}/g, (_, place: string) => places[place]!),
    ])
    const url = `${harness.url}${call.path}?${new URLSearchParams(params).toString()}`
    const answer = await fetch(url, { headers: { ...call.headers } })
    const text = await answer.text()
    t.equal(answer.status, call.status ?? 200, `${call.name}: ${text.slice(0, 200)}`)
    if (call.text !== undefined) t.ok(text.includes(call.text), `${call.name}: ${text.slice(0, 200)}`)
    if (call.shape !== undefined) t.same([...differences(JSON.parse(text), call.shape)], [], call.name)
  }
})
