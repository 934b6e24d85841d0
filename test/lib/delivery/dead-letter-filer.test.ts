/** Refused entries: on disk with their reason, or dropped by name; each is settled once. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { Ack } from '../../../lib/flow/ack.ts'
import { DeadLetters } from '../../../lib/delivery/dead-letters.ts'
import type { Outcome } from '../../../lib/flow/outcome.ts'
import { DeadLetterFiler, type Refused } from '../../../lib/delivery/dead-letter-filer.ts'
import { refusalName } from '../../../lib/loki/refusals.ts'
import { createLogger } from '../../../lib/telemetry/log.ts'
import { Metrics } from '../../../lib/telemetry/metrics.ts'
import { StepClock } from '../../support/step-clock.ts'
import { tempDir } from '../../support/write-harness.ts'

interface Office {
  readonly own: DeadLetterFiler
  readonly clock: StepClock
  readonly outcomes: Outcome[]
  readonly lost: [string, number, boolean][]
  readonly log: string[]
  readonly metrics: Metrics
  readonly refused: (line: string, status: number, reason: string) => Refused
}

function office(letters: DeadLetters | undefined, replayable = false): Office {
  const outcomes: Outcome[] = []
  const lost: Office['lost'] = []
  const log: string[] = []
  const metrics = Metrics.create()
  const clock = new StepClock()
  const ack: Ack = { replayable, settle: (outcome) => void outcomes.push(outcome) }
  const own = new DeadLetterFiler({
    component: 'loki.write.x',
    endpoint: 'main',
    letters,
    nameOf: refusalName,
    clock,
    log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => log.push(line)),
    filed: metrics.counters('filed_total', 'Filed.', 'reason'),
    onUnsaved: (...of) => void lost.push(of),
  })
  const refused = (line: string, status: number, reason: string): Refused => ({
    sent: {
      labels: '{a="b"}',
      seconds: 1_767_323_045,
      nanos: 7,
      line,
      structuredMetadata: [['k', 'v']],
    },
    route: 'tenant',
    ack,
    answer: { status, reason },
  })
  return { own, clock, outcomes, lost, log, metrics, refused }
}

void t.test('on disk with all that is needed to send it again', async (tap) => {
  const folder = join(await tempDir(tap), 'dead')
  const letters = new DeadLetters({ folder, maxBytes: 1e6, maxFileBytes: 1e6 })
  const { own, outcomes, lost, log, metrics, refused } = office(letters)
  await own.file([])
  tap.same(log, [], 'nothing is nothing')
  const reason = 'entry has timestamp too old: 2020'
  await own.file([refused('grün', 400, reason), { ...refused('b', 413, 'large'), ack: undefined }])
  await letters.close()
  const [name] = await readdir(folder)
  const lines = (await readFile(join(folder, name!), 'utf8')).trim().split('\n')
  tap.same(JSON.parse(lines[0]!), {
    format: 1,
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
  tap.match(await metrics.exposition(), /filed_total\{reason="too_large"\} 1/)
  tap.match(log[0], /level=warn msg="entries were refused; they are in the dead letters" .*entries=1/)
})

void t.test('a source whose entries are all refused gets one warning a minute', async (tap) => {
  const letters = new DeadLetters({
    folder: join(await tempDir(tap), 'dead'),
    maxBytes: 1e6,
    maxFileBytes: 1e6,
  })
  const { own, clock, log, refused } = office(letters)
  for (let i = 0; i < 3; i++) await own.file([refused('a', 413, `too large: ${i}`)])
  tap.equal(log.length, 1)
  clock.advance(60_000)
  await own.file([refused('a', 413, 'too large: 3')])
  tap.match(log[1], /reason="too large: 3" .*suppressed=2/)
  await letters.close()
})

void t.test('what cannot be kept is lost, and counted', async (tap) => {
  const full = new DeadLetters({ folder: join(await tempDir(tap), 'dead'), maxBytes: 1, maxFileBytes: 1 })
  for (const letters of [undefined, full]) {
    const { own, outcomes, lost, log, refused } = office(letters)
    tap.equal(await own.file([refused('grün', 400, 'whatever')]), 'full')
    tap.same(lost, [['tenant', 5, false]], 'bytes, not characters')
    tap.match(outcomes, [
      { state: 'dropped', reason: 'refused', lost: letters === undefined ? undefined : true },
    ])
    tap.match(log.at(-1), /level=error .*could not take them/)
    await letters?.close()
  }
})

const failing = (): DeadLetters =>
  new DeadLetters({ folder: '/dev/null/no', maxBytes: 1e6, maxFileBytes: 1e6 })

void t.test('while the disk fails, what can be read again waits and is not settled', async (tap) => {
  const { own, clock, outcomes, lost, log, refused } = office(failing(), true)
  const filing = own.file([refused('a', 400, 'whatever')])
  for (let i = 0; i < 30; i++) {
    await new Promise(setImmediate)
    clock.advance(1000)
  }
  tap.same([outcomes, lost], [[], []], 'after half a minute too')
  own.leave()
  tap.equal(await filing, 'disk_failed')
  tap.same([outcomes, lost], [[], []], 'its source reads it again')
  tap.equal(log.filter((line) => line.includes('cannot be written')).length, 1)
})

void t.test('while the disk fails, what cannot be read again waits ten seconds', async (tap) => {
  const { own, clock, outcomes, lost, refused } = office(failing())
  const filing = own.file([refused('a', 400, 'whatever')])
  let seconds = 0
  for (; outcomes.length === 0 && seconds < 60; seconds++) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    clock.advance(1000)
  }
  tap.equal(await filing, 'disk_failed')
  tap.ok(seconds >= 9 && seconds < 60, `${seconds}`)
  tap.match(outcomes, [{ state: 'dropped', lost: true }])
  tap.equal(lost.length, 1)
})
