/** Every recorded request to the real Loki, over HTTP against a store that the same data was pushed to. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { differs, vectorGroups, type Vector } from '../../../support/logql-vectors.ts'
import { StoreHarness, storeFolder } from '../../../support/store-harness.ts'

interface Recorded extends Vector {
  readonly method?: string
  readonly bodyEncoding?: string
  readonly contentType?: string
}

async function ask(url: string, vector: Recorded): Promise<Response> {
  const { endpoint, params = {}, method = 'GET', headers = {}, bodyEncoding } = vector
  const form = new URLSearchParams()
  for (const [name, values] of Object.entries(params))
    for (const value of [values].flat()) form.append(name, value)
  const address = `${url}/loki/api/v1/${endpoint}`
  if (method !== 'POST')
    return await fetch(form.size === 0 ? address : `${address}?${form.toString()}`, { method, headers })
  if (bodyEncoding !== 'json') return await fetch(address, { method, headers, body: form })
  const type = { 'content-type': 'application/json' }
  return await fetch(address, { method, headers: { ...headers, ...type }, body: JSON.stringify(params) })
}

async function problemOf(url: string, vector: Recorded): Promise<string | undefined> {
  const response = await ask(url, vector)
  const { status } = response
  const type = response.headers.get('content-type') ?? ''
  const body: unknown = type.includes('json') ? await response.json() : await response.text()
  const problem = differs(vector, { status, body })
  if (problem !== undefined || vector.statusAny !== undefined || type === vector.contentType) return problem
  return `content type ${vector.contentType} != ${type}`
}

async function push(url: string, file: string): Promise<number> {
  const body = readFileSync(`fixtures/logql/${file}.json`)
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body })).status
}

for (const [folder, options, more] of [
  ['queries', {}, []],
  ['queries-plain', { discover_service_name: [], discover_log_levels: false }, []],
  ['fuzz', {}, ['dataset-fuzz']],
] as const) {
  void t.test(folder, async (t) => {
    const path = await storeFolder((run) => t.teardown(run))
    const harness = new StoreHarness({ path, ...options })
    await harness.component.start!()
    t.teardown(() => harness.end())
    for (const file of ['dataset', 'dataset-edge', ...more]) t.equal(await push(harness.url, file), 204, file)
    for (const [group, vectors] of vectorGroups(folder)) {
      const problems: string[] = []
      for (const vector of vectors) {
        const problem = await problemOf(harness.url, vector)
        if (problem !== undefined) problems.push(`${vector.name}: ${problem}`)
      }
      t.strictSame(problems, [], group)
    }
  })
}
