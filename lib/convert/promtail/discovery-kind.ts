/** What one kind of service discovery needs to be converted, and parts that several kinds share. */
import { attribute, block, listAttribute, type Block, type Body } from './alloy-text.ts'
import type { Findings } from './findings.ts'
import { noteLostHttp, refuseMaxVersion, type HttpClient } from './http-client.ts'
import { list, struct, text, texts, type Reader, type Shape, type Value } from './read.ts'

/** A kind of discovery: each of its configs becomes a component `discovery.<component>`. */
export interface DiscoveryKind<T> {
  readonly component: string
  readonly reader: Reader<readonly T[] | undefined>
  readonly body: (config: T, findings: Findings) => Body
}

/** Describes a kind; `check` refuses what Promtail refuses when it reads the config. */
export function discoveryKind<S extends Shape>(
  component: string,
  shape: S,
  check: (config: Value<S>, refuse: (message: string) => void) => void,
  body: (config: Value<S>, findings: Findings) => Body,
): DiscoveryKind<Value<S>> {
  return { component, reader: list(struct(shape, check)), body }
}

const filter = struct({ name: text(), values: texts() })

/** The `filters` of a discovery. */
export const filters = list(filter)

/** One `filter` block for each. */
export function filterBlocks(given: readonly (typeof filter.absent)[] | undefined): Block[] {
  return (given ?? []).map(({ name, values }) =>
    block('filter', [attribute('name', name), listAttribute('values', values ?? [])]),
  )
}

/** Tells of HTTP options of a discovery that can't be converted. */
export function checkDiscoveryHttp(client: HttpClient, findings: Findings): void {
  refuseMaxVersion(client, findings)
  noteLostHttp(client, findings)
}
