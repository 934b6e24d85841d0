/** The deletion API as Loki's compactor has it, and as logcli calls it. */
import t from 'tap'
import { StoreHarness, storeFolder } from '../../../support/store-harness.ts'

interface Listed {
  readonly request_id: string
  readonly status: string
  readonly query: string
  readonly start_time: number
  readonly end_time: number
}

void t.test('a request is taken, listed and cancelled', async (t) => {
  const harness = new StoreHarness({ path: await storeFolder((run) => t.teardown(run)) })
  await harness.component.start!()
  t.teardown(() => harness.end())
  const at = `${harness.url}/loki/api/v1/delete`
  const ask = async (method: string, parameters: Record<string, string> = {}): Promise<Response> =>
    await fetch(`${at}?${new URLSearchParams(parameters).toString()}`, { method })
  t.equal((await ask('GET')).status, 404, 'none were made')
  await harness.write(['secret one', 'two'])
  await harness.until('delivered', 2)

  const query = '{job="test"} |= "secret"'
  const made = await ask('POST', { query, start: '1767607000', end: '1767608000' })
  t.equal(made.status, 204)
  const id = made.headers.get('x-delete-request-id')!
  t.match(id, /^[\da-f]{8}$/)
  const range = { start: '1767607000', end: '1767608000' }
  const found = await fetch(`${harness.url}/loki/api/v1/query_range?${new URLSearchParams({ query: '{job="test"}', ...range }).toString()}`) // prettier-ignore
  const { data } = (await found.json()) as { data: { result: { values: unknown[] }[] } }
  t.equal(data.result.flatMap(({ values }) => values).length, 1, 'hidden at once')

  const listed = (await (await ask('GET')).json()) as Listed[]
  t.match(listed, [{ request_id: id, status: 'received', query, start_time: 1_767_607_000, end_time: 1_767_608_000 }]) // prettier-ignore
  t.equal((await ask('DELETE', { request_id: 'none' })).status, 404)
  t.equal((await ask('DELETE', { request_id: id })).status, 204)
  t.equal((await ask('GET')).status, 404)
  const made2 = await ask('PUT', { query, start: '2026-01-05T09:00:00.5Z' })
  t.equal(made2.status, 204, 'until now')

  const wrong: Record<string, Record<string, string>> = {
    'query not set': { start: '1767607000' },
    'start time not set': { query },
    'invalid start time': { query, start: '17676070000' },
    'invalid end time': { query, start: '1767607000', end: 'now' },
    'deletes in the future': { query, start: '1767607000', end: '4000000000' },
    "start time can't be greater": { query, start: '1767608000', end: '1767607000' },
    'invalid max_interval': { query, start: '1767607000', end: '1767608000', max_interval: '1d' },
    "max_interval can't be greater": { query, start: '1767607000', end: '1767608000', max_interval: '1h' },
    'not metrics': { query: `count_over_time(${query}[1m])`, start: '1767607000' },
    'found | json': { query: '{job="test"} | json', start: '1767607000' },
    'found |> "<_>"': { query: '{job="test"} |> "<_>"', start: '1767607000' },
    'parse error': { query: '{job=', start: '1767607000' },
    'at least one': { query: '{}', start: '1767607000' },
  }
  for (const [name, parameters] of Object.entries(wrong)) {
    const answer = await ask('POST', parameters)
    t.equal(answer.status, 400, name)
    t.match(await answer.text(), name)
  }
})

void t.test('after the grace period only force cancels; disabled is said', async (t) => {
  const path = await storeFolder((run) => t.teardown(run))
  const start = async (options: object): Promise<StoreHarness> => {
    const harness = new StoreHarness({ path, ...options })
    await harness.component.start!()
    return harness
  }
  let harness = await start({ deletion_mode: 'filter-only', delete_request_cancel_period: '0s' })
  const query = new URLSearchParams({ query: '{app="a"}', start: '1767607000' })
  const made = await fetch(`${harness.url}/loki/api/v1/delete?${query.toString()}`, { method: 'POST' })
  const id = made.headers.get('x-delete-request-id')
  await new Promise((resolve) => setTimeout(resolve, 3))
  const cancel = (more: string): Promise<Response> => fetch(`${harness.url}/loki/api/v1/delete?request_id=${id}${more}`, { method: 'DELETE' }) // prettier-ignore
  t.equal((await cancel('')).status, 400)
  t.equal((await cancel('&force=true')).status, 204)
  await harness.end()
  harness = await start({ deletion_mode: 'disabled' })
  const refused = await fetch(`${harness.url}/loki/api/v1/delete?${query.toString()}`, { method: 'POST' })
  t.equal(refused.status, 404)
  t.match(await refused.text(), /deletion_mode/)
  await harness.end()
  t.throws(() => new StoreHarness({ path, deletion_mode: 'on' }), /expected one of disabled, filter-only, filter-and-delete/) // prettier-ignore
})
