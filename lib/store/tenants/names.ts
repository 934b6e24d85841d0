/** The tenants that a request names in `X-Scope-OrgID`, by Loki's rules (github.com/grafana/dskit, tenant). */

/** Names in order, each once; or why the header isn't taken. */
export type TenantNames =
  | { readonly ok: true; readonly names: readonly string[] }
  | { readonly ok: false; readonly status: 400 | 401; readonly message: string }

/** Bytes; all letters that a name may have take one. */
const LONGEST = 150

/** `a|b` asks several at once. */
export function tenantNames(header: string | undefined): TenantNames {
  if (header === undefined || header === '') return { ok: false, status: 401, message: 'no org id' }
  const names = [...new Set(header.split('|'))].sort()
  for (const name of names) {
    const message = nameProblem(name)
    if (message !== undefined) return { ok: false, status: 400, message }
  }
  return { ok: true, names }
}

/** Why a tenant can't have this name; `undefined`: it can, and then it is also the name of a folder. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'a tenant ID is empty'
  const [bad] = /[^a-zA-Z0-9!_.*'()-]/u.exec(name) ?? []
  if (bad !== undefined)
    return `tenant ID '${name.slice(0, LONGEST)}' contains unsupported character '${bad}'`
  if (name.length > LONGEST) return `tenant ID is too long: max ${LONGEST} characters`
  return name === '.' || name === '..' ? "tenant ID is '.' or '..'" : undefined
}
