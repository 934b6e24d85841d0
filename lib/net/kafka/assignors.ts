/**
 * How the leader of a consumer group shares out partitions. Names and results are those of Kafka's own assignors, so that
 * other clients may be in the group, and lead it.
 */
import type { Assignment, Subscription } from './consumer-protocol.ts'

export type Assignor = 'range' | 'roundrobin' | 'sticky'

export interface GroupMember extends Subscription {
  readonly id: string
}

type Assigned = Map<string, Map<string, number[]>>

/** `partitions` tells how many each topic has; topics that it lacks are left out. */
export function assign(
  assignor: Assignor,
  members: readonly GroupMember[],
  partitions: ReadonlyMap<string, number>,
): ReadonlyMap<string, Assignment> {
  const sorted = members.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const assigned: Assigned = new Map(sorted.map(({ id }) => [id, new Map<string, number[]>()]))
  const topics = [...new Set(sorted.flatMap((member) => member.topics))].filter((topic) =>
    partitions.has(topic),
  )
  topics.sort()
  const all = topics.flatMap((topic) =>
    Array.from({ length: partitions.get(topic)! }, (_, partition): Place => ({ topic, partition })),
  )
  if (assignor === 'range') for (const topic of topics) range(assigned, sorted, topic, partitions.get(topic)!)
  else if (assignor === 'roundrobin') roundRobin(assigned, sorted, all)
  else sticky(assigned, sorted, all)
  return assigned
}

interface Place {
  readonly topic: string
  readonly partition: number
}

/** Each topic on its own: in pieces of equal length, the first ones one longer. */
function range(assigned: Assigned, members: readonly GroupMember[], topic: string, count: number): void {
  const takers = members.filter(({ topics }) => topics.includes(topic))
  let next = 0
  takers.forEach(({ id }, i) => {
    const size = Math.floor(count / takers.length) + (i < count % takers.length ? 1 : 0)
    for (let left = size; left > 0; left--) give(assigned, id, { topic, partition: next++ })
  })
}

/** All partitions in turn, over the members that want the topic. */
function roundRobin(assigned: Assigned, members: readonly GroupMember[], all: readonly Place[]): void {
  let next = 0
  for (const place of all) {
    while (!members[next % members.length]!.topics.includes(place.topic)) next++
    give(assigned, members[next++ % members.length]!.id, place)
  }
}

/** Everyone keeps what it has, up to its share; the rest goes to those with the fewest. */
function sticky(assigned: Assigned, members: readonly GroupMember[], all: readonly Place[]): void {
  const load = new Map(members.map(({ id }) => [id, 0]))
  const share = Math.ceil(all.length / members.length)
  const take = (id: string, place: Place): void => {
    give(assigned, id, place)
    load.set(id, load.get(id)! + 1)
  }
  const free: Place[] = []
  for (const place of all) {
    const owner = members.find(
      ({ id, topics, owned }) =>
        topics.includes(place.topic) &&
        owned.get(place.topic)?.includes(place.partition) === true &&
        load.get(id)! < share,
    )
    if (owner === undefined) free.push(place)
    else take(owner.id, place)
  }
  for (const place of free) {
    const takers = members.filter(({ topics }) => topics.includes(place.topic))
    take(takers.reduce((least, each) => (load.get(each.id)! < load.get(least.id)! ? each : least)).id, place)
  }
}

function give(assigned: Assigned, id: string, { topic, partition }: Place): void {
  const topics = assigned.get(id)!
  const partitions = topics.get(topic)
  if (partitions === undefined) topics.set(topic, [partition])
  else partitions.push(partition)
}
