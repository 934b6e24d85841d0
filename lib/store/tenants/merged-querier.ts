/** Several tenants as one querier: every stream has the label `__tenant_id__`, as Loki adds it to queries of several. */
import type { LabelSet } from '../../flow/labels.ts'
import type {
  LogEntry,
  LogSelection,
  Querier,
  StreamSelection,
  StreamStatistics,
} from '../../logql/engine/querier.ts'
import { compileMatcher } from '../../logql/stages/selector.ts'
import type { LabelMatcher } from '../../logql/syntax/ast.ts'

const TENANT_LABEL = '__tenant_id__'

/** What a label of that name is called that a stream has already. */
const ORIGINAL = `original_${TENANT_LABEL}`

/** Entries that are handed on at once. */
const BATCH = 1024

export function mergedQuerier(tenants: ReadonlyMap<string, Querier>): Querier {
  return {
    entries: (selection) => entries(tenants, selection),
    streams: async (selection) =>
      (
        await Promise.all(
          chosen(tenants, selection).map(async ([name, querier]) =>
            (await querier.streams(withoutTenant(selection))).map((stream) => labelled(stream, name)),
          ),
        )
      ).flat(),
    statistics: async (selection) =>
      (
        await Promise.all(
          chosen(tenants, selection).map(async ([name, querier]) =>
            (await querier.statistics(withoutTenant(selection))).map((each): StreamStatistics => ({
              ...each,
              stream: labelled(each.stream, name),
            })),
          ),
        )
      ).flat(),
  }
}

function labelled(stream: LabelSet, tenant: string): LabelSet {
  const original = stream.get(TENANT_LABEL)
  return (original === undefined ? stream : stream.with(ORIGINAL, original)).with(TENANT_LABEL, tenant)
}

/** The tenants that the matchers of `__tenant_id__` choose. */
function chosen(
  tenants: ReadonlyMap<string, Querier>,
  { matchers }: StreamSelection,
): readonly (readonly [string, Querier])[] {
  const tests = matchers.filter(isOfTenant).map((matcher) => compileMatcher(matcher))
  return [...tenants].filter(([name]) => tests.every((test) => test(name)))
}

function isOfTenant({ name }: LabelMatcher): boolean {
  return name === TENANT_LABEL
}

function withoutTenant<S extends StreamSelection>(selection: S): S {
  const matchers = selection.matchers
    .filter((matcher) => !isOfTenant(matcher))
    .map((matcher) => (matcher.name === ORIGINAL ? { ...matcher, name: TENANT_LABEL } : matcher))
  return { ...selection, matchers }
}

/** Where one tenant's entries are at. */
interface Cursor {
  readonly tenant: string
  readonly batches: AsyncIterator<readonly LogEntry[]>
  batch: readonly LogEntry[]
  at: number
}

async function* entries(
  tenants: ReadonlyMap<string, Querier>,
  selection: LogSelection,
): AsyncGenerator<readonly LogEntry[]> {
  const all = chosen(tenants, selection).map(([tenant, querier]): Cursor => ({
    tenant,
    batches: iterate(querier.entries(withoutTenant(selection))),
    batch: [],
    at: 0,
  }))
  try {
    const open = new Set<Cursor>()
    for (const cursor of all) if (await fill(cursor)) open.add(cursor)
    let out: LogEntry[] = []
    while (open.size > 0) {
      const next = first(open, selection.direction === 'forward' ? 1 : -1)
      const entry = next.batch[next.at++]!
      out.push({ ...entry, stream: labelled(entry.stream, next.tenant) })
      if (out.length >= BATCH) {
        yield out
        out = []
      }
      if (next.at >= next.batch.length && !(await fill(next))) open.delete(next)
    }
    if (out.length > 0) yield out
  } finally {
    for (const { batches } of all) await batches.return?.()
  }
}

async function* iterate(
  batches: AsyncIterable<readonly LogEntry[]> | Iterable<readonly LogEntry[]>,
): AsyncGenerator<readonly LogEntry[]> {
  yield* batches
}

/** The next batch that holds something. */
async function fill(cursor: Cursor): Promise<boolean> {
  for (;;) {
    const { value, done } = await cursor.batches.next()
    if (done === true) return false
    cursor.batch = value
    cursor.at = 0
    if (cursor.batch.length > 0) return true
  }
}

// Tenants are few, so each is looked at; of equal times the first one's comes first.
function first(open: ReadonlySet<Cursor>, sign: 1 | -1): Cursor {
  let found: Cursor | undefined
  for (const cursor of open) if (found === undefined || sign * compare(cursor, found) < 0) found = cursor
  return found!
}

function compare(a: Cursor, b: Cursor): number {
  const x = a.batch[a.at]!
  const y = b.batch[b.at]!
  return x.seconds - y.seconds || x.nanos - y.nanos
}
