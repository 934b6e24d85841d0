/** The `tenants` block of `loki.store`. */
import { join } from 'node:path'
import {
  blocks,
  duration,
  integer,
  nullable,
  optional,
  required,
  size,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { LogstreamError } from '../../errors.ts'
import { nameProblem } from '../../store/tenants/names.ts'

const ownFields = {
  name: required(text, 'Name of the tenant.'),
  retention: optional(
    nullable(duration),
    undefined,
    "How long its entries are kept; left out: the store's retention.",
  ),
  max_size: optional(nullable(size), undefined, "Most bytes of it on disk; left out: the store's max_size."),
  max_streams: optional(
    nullable(integer),
    undefined,
    "Most streams that were written to in the last two hours; left out: that of the store's limits.",
  ),
  max_line_size: optional(
    nullable(size),
    undefined,
    "Most bytes of a line; left out: that of the store's limits.",
  ),
}

export const tenantFields = {
  credentials_file: optional(
    text,
    '',
    'YAML file with the tokens and passwords of tenants; left out: X-Scope-OrgID is taken at its word.',
  ),
  max_tenants: optional(integer, 10, 'Most tenants; a push for a further one is refused.'),
  own_tenant: optional(text, 'fake', 'Tenant of the entries that come from the pipeline.'),
  tenant: blocks(ownFields, 'What is different for one tenant.'),
}

export type TenantOptions = OptionsOf<typeof tenantFields>

/** Throws BAD_CONFIG for names that no tenant can have. */
export function checkTenants({ own_tenant: own, tenant, max_tenants: most }: TenantOptions): void {
  for (const name of [own, ...tenant.map((each) => each.name)]) {
    const problem = nameProblem(name)
    if (problem !== undefined) throw new LogstreamError('BAD_CONFIG', `tenants: ${problem}`)
  }
  if (most < 1)
    throw new LogstreamError('BAD_CONFIG', `tenants: max_tenants is ${most}: expected at least 1`, {
      option: 'max_tenants',
    })
}

/** The folder of the tenants' folders. */
export function tenantsFolder(path: string): string {
  return join(path, 'tenants')
}
