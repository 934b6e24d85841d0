/** Puts nodes in an order in which everything comes after what it needs, and finds the cycles that forbid one. */

/** `order` holds every id once; the members of a cycle are adjacent, in no meaningful order. */
export interface NodeOrder {
  readonly order: string[]
  /** Each cycle with all its members, in the order of `ids`. */
  readonly cycles: string[][]
}

interface Visit {
  readonly id: string
  readonly pending: Iterator<string>
}

/**
 * Orders `ids` dependencies first; what isn't bound by an edge keeps the given order. `edges` maps an id to the
 * ids it depends on; ids that aren't in `ids` are ignored. A node that depends on itself is a cycle.
 * The method is Tarjan's for strongly connected components, without recursion.
 */
export function orderNodes(
  ids: readonly string[],
  edges: ReadonlyMap<string, ReadonlySet<string>>,
): NodeOrder {
  const rank = new Map(ids.map((id, at) => [id, at]))
  const order: string[] = []
  const cycles: string[][] = []
  const search = new Search(edges, rank, (members) => {
    order.push(...members)
    const only = members.length === 1 ? members[0] : undefined
    if (only !== undefined && !edges.get(only)?.has(only)) return
    cycles.push(members.toSorted((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0)))
  })
  for (const id of ids) search.from(id)
  return { order, cycles }
}

/** One depth-first search over the whole graph. A component comes out once everything it depends on has. */
class Search {
  readonly #edges: ReadonlyMap<string, ReadonlySet<string>>
  readonly #known: ReadonlyMap<string, number>
  readonly #found: (members: string[]) => void
  readonly #index = new Map<string, number>()
  readonly #low = new Map<string, number>()
  readonly #open: string[] = []
  readonly #isOpen = new Set<string>()
  readonly #visits: Visit[] = []

  constructor(
    edges: ReadonlyMap<string, ReadonlySet<string>>,
    known: ReadonlyMap<string, number>,
    found: (members: string[]) => void,
  ) {
    this.#edges = edges
    this.#known = known
    this.#found = found
  }

  from(id: string): void {
    if (this.#index.has(id)) return
    this.#enter(id)
    for (let visit = this.#visits.at(-1); visit !== undefined; visit = this.#visits.at(-1)) {
      const next = visit.pending.next()
      if (next.done) this.#leave(visit.id)
      else this.#follow(visit.id, next.value)
    }
  }

  #enter(id: string): void {
    const index = this.#index.size
    this.#index.set(id, index)
    this.#low.set(id, index)
    this.#open.push(id)
    this.#isOpen.add(id)
    this.#visits.push({ id, pending: (this.#edges.get(id) ?? new Set<string>()).values() })
  }

  #follow(id: string, dependency: string): void {
    if (!this.#known.has(dependency)) return
    const index = this.#index.get(dependency)
    if (index === undefined) this.#enter(dependency)
    else if (this.#isOpen.has(dependency)) this.#lower(id, index)
  }

  #leave(id: string): void {
    this.#visits.pop()
    const low = this.#low.get(id) ?? 0
    const parent = this.#visits.at(-1)
    if (parent !== undefined) this.#lower(parent.id, low)
    if (low !== this.#index.get(id)) return
    const members = this.#open.splice(this.#open.lastIndexOf(id))
    for (const member of members) this.#isOpen.delete(member)
    this.#found(members)
  }

  #lower(id: string, to: number): void {
    if (to < (this.#low.get(id) ?? 0)) this.#low.set(id, to)
  }
}
