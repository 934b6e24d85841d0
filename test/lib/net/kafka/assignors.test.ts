import fc from 'fast-check'
import t from 'tap'
import { assign, type Assignor, type GroupMember } from '../../../../lib/net/kafka/assignors.ts'
import type { Assignment } from '../../../../lib/net/kafka/consumer-protocol.ts'

const member = (id: string, topics: readonly string[], owned: Assignment = new Map()): GroupMember => ({
  id,
  topics,
  owned,
})
const plain = (
  assigned: ReadonlyMap<string, Assignment>,
): Record<string, Record<string, readonly number[]>> =>
  Object.fromEntries([...assigned].map(([id, topics]) => [id, Object.fromEntries(topics)]))

void t.test('range and roundrobin share out as the assignors of Java do', (tap) => {
  const members = [member('b', ['x', 'y']), member('a', ['x', 'y'])]
  const partitions = new Map([
    ['x', 3],
    ['y', 3],
  ])
  tap.same(plain(assign('range', members, partitions)), {
    a: { x: [0, 1], y: [0, 1] },
    b: { x: [2], y: [2] },
  })
  tap.same(plain(assign('roundrobin', members, partitions)), {
    a: { x: [0, 2], y: [1] },
    b: { x: [1], y: [0, 2] },
  })
  tap.same(plain(assign('range', [member('a', ['gone'])], partitions)), { a: {} }, 'a topic that was deleted')
  tap.end()
})

void t.test('sticky moves no more than it must', (tap) => {
  const partitions = new Map([['x', 6]])
  const had = assign('sticky', [member('a', ['x']), member('b', ['x'])], partitions)
  const members = ['a', 'b', 'c'].map((id) => member(id, ['x'], had.get(id)))
  const now = plain(assign('sticky', members, partitions))
  for (const id of ['a', 'b'])
    for (const partition of now[id]!['x']!)
      tap.ok(had.get(id)!.get('x')!.includes(partition), `${id} keeps ${partition}`)
  tap.same(
    Object.values(now).map((topics) => topics['x']!.length),
    [2, 2, 2],
  )
  tap.end()
})

void t.test('every partition goes to exactly one member that wants its topic', (tap) => {
  const topics = ['t1', 't2', 't3']
  const members = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 5 })
  fc.assert(
    fc.property(
      fc.constantFrom<Assignor>('range', 'roundrobin', 'sticky'),
      members,
      fc.array(fc.subarray(topics), { minLength: 5, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 3, maxLength: 3 }),
      (assignor, ids, wanted, counts) => {
        const group = ids.map((id, i) => member(id, wanted[i]!))
        const partitions = new Map(topics.map((topic, i) => [topic, counts[i]!]))
        const taken = [...assign(assignor, group, partitions)].flatMap(([id, its]) =>
          [...its].flatMap(([topic, list]) => {
            if (!group.find((each) => each.id === id)!.topics.includes(topic))
              throw new Error(`${id} got ${topic}`)
            return list.map((partition) => `${topic}/${partition}`)
          }),
        )
        const all = topics
          .filter((topic) => group.some((each) => each.topics.includes(topic)))
          .flatMap((topic) => Array.from({ length: partitions.get(topic)! }, (_, i) => `${topic}/${i}`))
        return JSON.stringify(taken.sort()) === JSON.stringify(all.sort())
      },
    ),
    { numRuns: 100 },
  )
  tap.end()
})
