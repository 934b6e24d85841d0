/** Refused entries: on disk with their reason, or dropped by name; each is settled once. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Ack } from '../../../lib/flow/ack.ts'
import { DeadLetters } from '../../../lib/delivery/dead-letters.ts'
import type { Outcome } from '../../../lib/flow/outcome.ts'
import { Graveyard, type Refused } from '../../../lib/delivery/graveyard.ts'
import { createLogger } from '../../../lib/telemetry/log.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'
import { StepClock } from '../../support/step-clock.ts'
import { tempDir } from '../../support/write-harness.ts'

interface Yard {
  readonly own: Graveyard
  readonly outcomes: Outcome[]
  readonly lost: [string, number, number][]
  readonly log: string[]
  readonly metrics: Metrics
  readonly refused: (line: string, status: number, reason: string) => Refused
}

function yard(letters: DeadLetters | undefined): Yard {
  const outcomes: Outcome[] = []
  const lost: Yard['lost'] = []
  const log: string[] = []
  const metrics = Metrics.create()
  const ack: Ack = { replayable: false, settle: (outcome) => void outcomes.push(outcome) }
  const own = new Graveyard({
    component: 'loki.write.x',
    endpoint: 'main',
    letters,
    clock: new StepClock(),
    log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => log.push(line)),
    buried: metrics.counters('buried_total', 'Buried.', 'reason'),
    lost: (...of) => void lost.push(of),
  })
  const refused = (line: string, status: number, reason: string): Refused => ({
    sent: {
      labels: '{a="b"}',
      entry: { seconds: 1_767_323_045, nanos: 7, line, structuredMetadata: [['k', 'v']] },
    },
    tenant: 'tenant',
    ack,
    answer: { status, reason },
  })
  return { own, outcomes, lost, log, metrics, refused }
}

void t.test('on disk with all that is needed to send it again', async (tap) => {
  const folder = join(await tempDir(tap), 'dead')
  const letters = new DeadLetters({ folder, maxBytes: 1e6, maxFileBytes: 1e6 })
  const { own, outcomes, lost, log, metrics, refused } = yard(letters)
  await own.bury([])
  tap.same(log, [], 'nothing is nothing')
  const reason = 'entry has timestamp too old: 2020'
  await own.bury([refused('grün', 400, reason), { ...refused('b', 413, 'large'), ack: undefined }])
  await letters.close()
  const [name] = await readdir(folder)
  const lines = (await readFile(join(folder, name!), 'utf8')).trim().split('\n')
  tap.same(JSON.parse(lines[0]!), {
    at: '2026-01-02T03:04:05.000Z',
    component: 'loki.write.x',
    endpoint: 'main',
    tenant: 'tenant',
    labels: '{a="b"}',
    timestamp: '1767323045000000007',
    line: 'grün',
    structured_metadata: [['k', 'v']],
    status: 400,
    reason,
  })
  tap.equal(lines.length, 2)
  tap.same(
    outcomes.map(({ state, reason: of }) => [state, of]),
    [['dead_lettered', 'greater_than_max_sample_age']],
    'from the spool nothing is owed',
  )
  tap.same(lost, [])
  tap.match(await metrics.exposition(), /buried_total\{reason="too_large"\} 1/)
  tap.match(log, [/level=warn msg="Loki has refused entries; they are in the dead letters" .*entries=2/])
})

void t.test('where they cannot be kept they are dropped by name', async (tap) => {
  const full = new DeadLetters({ folder: join(await tempDir(tap), 'dead'), maxBytes: 1, maxFileBytes: 1 })
  const failing = new DeadLetters({ folder: '/dev/null/no', maxBytes: 1e6, maxFileBytes: 1e6 })
  for (const letters of [undefined, full, failing]) {
    const { own, outcomes, lost, log, refused } = yard(letters)
    await own.bury([refused('grün', 400, 'whatever')])
    tap.same(lost, [['tenant', 1, 5]], 'bytes, not characters')
    tap.match(outcomes, [{ state: 'dropped', reason: 'refused' }])
    tap.match(log.at(-1), /they are dropped/)
    tap.equal(
      log.some((line) => line.includes('the dead letters cannot be written')),
      letters === failing,
    )
    await letters?.close()
  }
})
