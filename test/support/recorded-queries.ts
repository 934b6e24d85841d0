/** The recorded requests to the real Loki, sent over HTTP to a store that the same data was pushed to. */
import { readFileSync } from 'node:fs'
import { differs, vectorGroups, type Vector } from './logql-vectors.ts'

/** The folders of recorded queries, with the options of the store and the data that they need besides the usual. */
export const RECORDED = [
  { folder: 'queries', options: {}, more: [] },
  { folder: 'queries-plain', options: { discover_service_name: [], discover_log_levels: false }, more: [] },
  { folder: 'fuzz', options: {}, more: ['dataset-fuzz'] },
] as const

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

/** Pushes a file of fixtures/logql; resolves with the status. */
export async function pushFixture(url: string, file: string): Promise<number> {
  const body = readFileSync(`fixtures/logql/${file}.json`)
  const headers = { 'content-type': 'application/json' }
  return (await fetch(`${url}/loki/api/v1/push`, { method: 'POST', headers, body })).status
}

/** What differs, by group. */
export async function problemsOf(
  url: string,
  folder: Parameters<typeof vectorGroups>[0],
): Promise<Map<string, string[]>> {
  const all = new Map<string, string[]>()
  for (const [group, vectors] of vectorGroups(folder)) {
    const problems: string[] = []
    for (const vector of vectors) {
      const problem = await problemOf(url, vector)
      if (problem !== undefined) problems.push(`${vector.name}: ${problem}`)
    }
    all.set(group, problems)
  }
  return all
}
