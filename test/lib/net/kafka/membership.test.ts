/** A member of a group, with a coordinator that the test plays. */
import t from 'tap'
import { setImmediate as turn } from 'node:timers/promises'
import { KafkaError } from '../../../../lib/net/kafka/client.ts'
import type { Session } from '../../../../lib/net/kafka/group-calls.ts'
import { Membership } from '../../../../lib/net/kafka/membership.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { StepClock } from '../../../support/step-clock.ts'

const fails = (...codes: string[]): KafkaError => new KafkaError(codes.join(), { codes })

class Played {
  readonly clock = new StepClock()
  readonly said: string[] = []
  /** What the next calls meet; left out: they succeed. */
  heartbeats: (KafkaError | undefined)[] = []
  joins: (KafkaError | undefined)[] = []
  generation = 0
  memberId = 'm1'
  topics: string[] = ['t']
  outdated = false
  release = (): void => {}
  readonly membership = new Membership({
    calls: {
      join: (memberId) => {
        this.said.push(`join ${memberId}`)
        const failure = this.joins.shift()
        if (failure !== undefined) return Promise.reject(failure)
        return Promise.resolve({
          memberId: memberId || this.memberId,
          generation: ++this.generation,
          assignment: new Map([['t', [0]]]),
        })
      },
      heartbeat: () => {
        const failure = this.heartbeats.shift()
        return failure === undefined ? Promise.resolve() : Promise.reject(failure)
      },
      leave: (memberId) => {
        this.said.push(`leave ${memberId}`)
        return Promise.resolve()
      },
      commit: () => Promise.resolve(),
      committed: () => Promise.resolve(new Map()),
    },
    listener: {
      topics: () => Promise.resolve(this.topics),
      assigned: ({ generation }: Session, next: boolean) => {
        this.said.push(`assigned ${generation}${next ? ' next' : ''}`)
        return Promise.resolve()
      },
      revoking: ({ generation }: Session) => {
        this.said.push(`revoking ${generation}`)
        return new Promise((resolve) => {
          this.release = resolve
        })
      },
      lost: () => void this.said.push('lost'),
      outdated: () => Promise.resolve(this.outdated),
    },
    clock: this.clock,
    log: SILENT,
    sticky: false,
  })

  async settle(): Promise<void> {
    for (let i = 0; i < 10; i++) await turn()
  }

  /** What was said since the last call, after the clock has moved. */
  async after(ms: number): Promise<string[]> {
    this.clock.advance(ms)
    await this.settle()
    return this.said.splice(0)
  }

  async started(): Promise<void> {
    this.membership.start()
    await this.settle()
    this.said.splice(0)
  }
}

void t.test(
  'a rebalance waits until what is in flight was handed in, and only then joins again',
  async (tap) => {
    const played = new Played()
    played.membership.start()
    tap.same(await played.after(0), ['join ', 'assigned 1'])
    tap.equal(played.membership.session?.generation, 1)
    played.heartbeats = [undefined, fails('REBALANCE_IN_PROGRESS')]
    tap.same(await played.after(3000), [])
    tap.same(await played.after(3000), ['revoking 1'])
    tap.equal(played.membership.session?.generation, 1, 'what is acknowledged now can still be committed')
    tap.same(await played.after(5000), [], 'it waits')
    played.release()
    tap.same(await played.after(0), ['join m1', 'assigned 2 next'])
    await played.membership.leave()
  },
)

void t.test('a member that is thrown out while it hands in loses its partitions', async (tap) => {
  const played = new Played()
  await played.started()
  played.heartbeats = [fails('REBALANCE_IN_PROGRESS'), fails('UNKNOWN_MEMBER_ID')]
  tap.same(await played.after(3000), ['revoking 1'])
  tap.same(await played.after(3000), ['lost'])
  played.release()
  tap.same(await played.after(0), ['join ', 'assigned 2'])
  await played.membership.leave()
})

void t.test('a member that was thrown out has lost its partitions at once', async (tap) => {
  const played = new Played()
  await played.started()
  played.heartbeats = [fails('UNKNOWN_MEMBER_ID')]
  played.memberId = 'm2'
  tap.same(await played.after(3000), ['lost', 'join ', 'assigned 2'], 'a new member, which knows of nothing')
  played.heartbeats = [fails('ILLEGAL_GENERATION')]
  played.generation = 5
  tap.same(await played.after(3000), ['lost', 'join m2', 'assigned 6'])
  await played.membership.leave()
})

void t.test(
  'a coordinator that is away for less than the session does no harm; for longer, all is lost',
  async (tap) => {
    const played = new Played()
    await played.started()
    const away = (): KafkaError => new KafkaError('no answer', {})
    played.heartbeats = [away(), away(), fails('NOT_COORDINATOR')]
    for (let i = 0; i < 3; i++) tap.same(await played.after(3000), [])
    tap.equal(played.membership.problem, 'NOT_COORDINATOR')
    tap.same(await played.after(3000), [])
    tap.equal(played.membership.problem, '')
    played.heartbeats = Array.from({ length: 11 }, away)
    const said: string[] = []
    for (let i = 0; i < 11; i++) said.push(...(await played.after(3000)))
    tap.same(said, ['lost', 'join m1', 'assigned 2'])
    await played.membership.leave()
  },
)

void t.test('joining is tried again: at once where the group is busy, else after a wait', async (tap) => {
  const played = new Played()
  played.joins = [
    fails('REBALANCE_IN_PROGRESS'),
    fails('COORDINATOR_NOT_AVAILABLE'),
    fails('UNKNOWN_MEMBER_ID'),
  ]
  played.membership.start()
  tap.same(await played.after(0), ['join ', 'join '])
  tap.equal(played.membership.problem, 'COORDINATOR_NOT_AVAILABLE')
  tap.same(await played.after(499), [])
  tap.same(await played.after(1), ['join ', 'lost', 'join ', 'assigned 1'])
  tap.equal(played.membership.problem, '')
  await played.membership.leave()
})

void t.test('topics that come and go', async (tap) => {
  const played = new Played()
  played.topics = []
  played.membership.start()
  tap.same(await played.after(0), [])
  tap.equal(played.membership.problem, 'none of the topics exists')
  played.topics = ['t']
  tap.same(await played.after(3000), ['join ', 'assigned 1'])
  played.outdated = true
  const said: string[] = []
  for (let i = 0; i < 10; i++) said.push(...(await played.after(3000)))
  tap.same(said, ['revoking 1'], 'looked for every 30 s')
  played.release()
  tap.same(await played.after(0), ['join m1', 'assigned 2 next'])
  await played.membership.leave()
})

void t.test('one that reads no more stays until the next rebalance, and leaves', async (tap) => {
  const played = new Played()
  await played.started()
  played.membership.retire()
  tap.same(await played.after(3000), [])
  tap.equal(played.membership.session?.generation, 1)
  played.heartbeats = [fails('REBALANCE_IN_PROGRESS')]
  tap.same(await played.after(3000), ['revoking 1'])
  played.release()
  tap.same(await played.after(0), [])
  await played.membership.leave()
  tap.same(await played.after(0), ['leave m1'])
  tap.equal(played.clock.pending, 0)
})
