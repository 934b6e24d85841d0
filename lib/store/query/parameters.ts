/** The parameters of a query request: those of its address, and of a form in its body, which come first as in Loki. */
import type { Request } from '../../net/server/router.ts'
import { readBody } from '../../loki/body.ts'

/** Bytes of a form; Go reads as many. */
const MAX_FORM = 10 * 1024 * 1024

export type Parameters =
  | { readonly ok: true; readonly values: URLSearchParams }
  | { readonly ok: false; readonly status: number; readonly message: string }

/** Bodies that aren't forms, such as JSON, are ignored. */
export async function requestParameters({ method, query, headers, raw }: Request): Promise<Parameters> {
  if (method !== 'POST' || !isForm(headers['content-type'])) return { ok: true, values: query }
  const body = await readBody(raw, MAX_FORM)
  if (!body.ok) return body
  const values = new URLSearchParams(body.bytes.toString('utf8'))
  for (const [name, value] of query) values.append(name, value)
  return { ok: true, values }
}

function isForm(type: string | undefined): boolean {
  return type?.split(';', 1)[0]!.trim().toLowerCase() === 'application/x-www-form-urlencoded'
}
