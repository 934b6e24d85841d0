import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Commits } from '../../../../lib/components/loki.source.kafka/commits.ts'
import type { Claim } from '../../../../lib/components/loki.source.kafka/claim.ts'
import { KafkaError } from '../../../../lib/net/kafka/client.ts'
import type { GroupCalls, Session } from '../../../../lib/net/kafka/group-calls.ts'
import type { Offset } from '../../../../lib/net/kafka/places.ts'
import { SILENT } from '../../../../lib/telemetry/log.ts'
import { StepClock } from '../../../support/step-clock.ts'

function setup() {
  const clock = new StepClock()
  const claim = {
    topic: 't',
    partition: 0,
    position: 0,
    done: 0,
    get uncommitted(): Offset | undefined {
      return this.position > this.done ? { topic: 't', partition: 0, offset: this.position } : undefined
    },
    committed(offset: number): void {
      this.done = offset
    },
  }
  const sent: string[] = []
  const answers: ((failure?: KafkaError) => void)[] = []
  let session: Session | undefined = { memberId: 'm', generation: 4, assignment: new Map() }
  const commits = new Commits({
    calls: {
      commit: ({ generation }: Session, offsets: readonly Offset[]) => {
        sent.push(`${generation}: ${offsets.map(({ offset }) => offset).join()}`)
        return new Promise<void>((resolve, reject) => {
          answers.push((failure) => (failure === undefined ? resolve() : reject(failure)))
        })
      },
    } as GroupCalls,
    claims: () => [claim as unknown as Claim],
    session: () => session,
    clock,
    log: SILENT,
  })
  const ack = (position: number): void => {
    claim.position = position
    commits.moved()
  }
  const answer = async (failure?: KafkaError): Promise<void> => {
    answers.shift()!(failure)
    await turn()
  }
  return { clock, claim, sent, commits, ack, answer, over: () => (session = undefined) }
}

void t.test('at once, and what comes meanwhile together', async (tap) => {
  const { sent, ack, answer, claim } = setup()
  ack(1)
  ack(2)
  ack(3)
  tap.same(sent, ['4: 1'])
  await answer()
  tap.same(sent, ['4: 1', '4: 3'])
  await answer()
  tap.equal(claim.done, 3)
  tap.equal(sent.length, 2)
})

void t.test('tried again while the coordinator is away; not once the membership is over', async (tap) => {
  const { sent, ack, answer, clock } = setup()
  ack(1)
  await answer(new KafkaError('', { codes: ['COORDINATOR_NOT_AVAILABLE'] }))
  tap.equal(sent.length, 1)
  clock.advance(500)
  await turn()
  tap.equal(sent.length, 2)
  await answer(new KafkaError('', { codes: ['ILLEGAL_GENERATION'] }))
  clock.advance(5000)
  await turn()
  tap.equal(sent.length, 2)
})

void t.test('without a session nothing is sent', (tap) => {
  const { sent, ack, over } = setup()
  over()
  ack(1)
  tap.same(sent, [])
  tap.end()
})

void t.test('a flush waits for the answer, but not for ever', async (tap) => {
  const { commits, ack, answer, clock, claim } = setup()
  ack(1)
  const flushed = commits.flush()
  await answer()
  await flushed
  tap.equal(claim.done, 1)
  ack(2)
  const late = commits.flush()
  clock.advance(5000)
  await late
  tap.equal(claim.done, 1)
  tap.equal(clock.pending, 0)
})
