/** Batches through the disk and back, and disks that fail for a while. */
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AckRuns } from '../../../lib/flow/ack-runs.ts'
import type { SealedBatch } from '../../../lib/delivery/destination.ts'
import { EndpointSpool } from '../../../lib/delivery/endpoint-spool.ts'
import { Spool } from '../../../lib/delivery/spool.ts'
import { Ledger } from '../../../lib/flow/ledger.ts'
import { createLogger, SILENT } from '../../../lib/telemetry/log.ts'
import { StepClock } from '../../support/step-clock.ts'
import { tempDir } from '../../support/write-harness.ts'

let born = 0

const batch = (route: string, text: string): SealedBatch => ({
  route,
  body: Buffer.from(text),
  entries: 2,
  bytes: text.length,
  acks: new AckRuns(),
  replayable: true,
  bornAt: ++born,
})

interface Desk {
  readonly spool: EndpointSpool
  readonly clock: StepClock
  readonly ledger: Ledger
  readonly log: string[]
  readonly opened: () => number
}

function desk(tap: Test, open: () => Promise<Spool>): Desk {
  const clock = new StepClock()
  const ledger = new Ledger()
  const log: string[] = []
  let opened = 0
  const spool = new EndpointSpool({
    open: () => {
      opened++
      return open()
    },
    clock,
    ledger,
    log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => log.push(line)),
  })
  tap.teardown(() => spool.close())
  return { spool, clock, ledger, log, opened: () => opened }
}

void t.test('a batch comes back as it went, and owes nothing any more', async (tap) => {
  const folder = join(await tempDir(tap), 'spool')
  const open = (): Promise<Spool> => Spool.open({ folder, maxBytes: 1e6, log: SILENT })
  const { spool, ledger } = desk(tap, open)
  tap.same([spool.entries, spool.bytes, spool.damaged, spool.empty], [0, 0, 0, true], 'before it is open')
  const first = batch('tenant', 'a')
  tap.equal(await spool.append([first, batch('', 'b')]), 2)
  tap.equal(spool.entries, 4)
  tap.ok(spool.has('tenant'))
  tap.same((await spool.oldest())?.batch, { ...first, acks: new AckRuns(), replayable: false })
  tap.equal(ledger.noted('adopted'), 0)
  await spool.close()

  const again = desk(tap, open)
  tap.ok(again.spool.empty, 'not looked into yet')
  await again.spool.open()
  tap.equal(again.spool.entries, 4, 'what an earlier process has left')
  tap.equal(again.ledger.noted('adopted'), 4, 'and it is in the account')
  const place = again.spool.peek(({ route }) => route === 'tenant')
  await again.spool.take(place!)
  tap.equal((await again.spool.oldest())?.batch.body.toString(), 'b')
})

void t.test('a spool that cannot be opened is tried again a second later', async (tap) => {
  const folder = join(await tempDir(tap), 'spool')
  let broken = true
  const { spool, clock, log, opened } = desk(tap, () =>
    broken ? Promise.reject(new Error('EROFS')) : Spool.open({ folder, maxBytes: 1e6, log: SILENT }),
  )
  tap.equal(await spool.append([batch('t', 'a')]), 0)
  tap.equal(await spool.append([batch('t', 'a')]), 0)
  tap.equal(opened(), 1, 'not again at once')
  tap.equal(spool.retryInMs, 1000)
  clock.advance(1000)
  tap.equal(await spool.append([batch('t', 'a')]), 0)
  tap.equal(opened(), 2)
  tap.equal(log.length, 1, 'said once')
  tap.match(log[0], /level=error msg="the spool cannot be opened" .*error=EROFS/)
  broken = false
  tap.equal(await spool.append([batch('t', 'a')], true), 1, 'at the end it is tried in any case')
  tap.match(log[1], /can be written again/)
  tap.equal(spool.retryInMs, 0)
})

void t.test('a spool that cannot be written is a full one for a second', async (tap) => {
  const folder = join(await tempDir(tap), 'spool')
  const real = await Spool.open({ folder, maxBytes: 1e6, log: SILENT })
  const { spool, clock, log } = desk(tap, () => Promise.resolve(real))
  await spool.append([batch('t', 'kept')])
  const append = real.append.bind(real)
  real.append = () => Promise.reject(new Error('ENOSPC'))
  tap.equal(await spool.append([batch('t', 'a')]), 0)
  tap.match(log, [/the spool cannot be written.*error=ENOSPC/])
  tap.equal(spool.failure, 'ENOSPC')
  tap.equal(spool.failureAfter('http://h: status 503'), 'http://h: status 503; the spool: ENOSPC')
  tap.equal(spool.failureAfter(undefined), 'the spool: ENOSPC')
  real.append = append
  tap.equal(await spool.append([batch('t', 'a')]), 0)
  clock.advance(1000)
  tap.equal(await spool.append([batch('t', 'a')]), 1)
  tap.equal((await spool.oldest())?.batch.body.toString(), 'kept')
})
