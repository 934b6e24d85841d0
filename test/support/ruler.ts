/** A ruler over lines in memory, on a clock that the test moves. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { Querier } from '../../lib/logql/engine/querier.ts'
import type { Notification } from '../../lib/rules/notify/notification.ts'
import { Ruler, type RulerOptions } from '../../lib/rules/ruler.ts'
import { createLogger } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'
import { MemoryQuerier } from './memory-querier.ts'
import { StepClock } from './step-clock.ts'

export class RulerHarness {
  readonly clock = new StepClock()
  readonly metrics = Metrics.create()
  readonly querier = new MemoryQuerier({ discover: false })
  readonly sent: Notification[] = []
  readonly log: string[] = []
  readonly folder: string
  readonly #rulers: Ruler[] = []

  constructor(tap: Test) {
    this.folder = mkdtempSync(join(tmpdir(), 'logstream-rules-'))
    // A ruler that still writes its alerts must not meet the removal of its folder.
    tap.teardown(async () => {
      for (const ruler of this.#rulers) await ruler.close()
      await rm(this.folder, { recursive: true, force: true })
    })
    mkdirSync(join(this.folder, 'rules'))
  }

  /** Writes a rule file. */
  file(name: string, text: string): void {
    writeFileSync(join(this.folder, 'rules', name), text)
  }

  async start(changes: Partial<RulerOptions> = {}, querier: Querier = this.querier): Promise<Ruler> {
    const ruler = await Ruler.start({
      path: join(this.folder, 'rules'),
      statePath: join(this.folder, 'alerts.json'),
      settings: {
        externalUrl: 'http://logs',
        externalLabels: { cluster: 'c1', app: 'other' },
        intervalMs: 60_000,
        queryOffsetMs: 0,
        resendMs: 60_000,
      },
      destinations: [
        {
          name: 'list',
          wants: () => true,
          send: (batch) => {
            this.sent.push(...batch)
            return Promise.resolve({ ok: true })
          },
          close: () => Promise.resolve(),
        },
      ],
      enableApi: false,
      querier,
      clock: this.clock,
      log: createLogger({ level: 'debug', format: 'logfmt' }, (line) => this.log.push(line)),
      metrics: this.metrics,
      recorded: this.metrics,
      ...changes,
    })
    this.#rulers.push(ruler)
    return ruler
  }

  /** A line at the clock's time. */
  line(text: string, labels: Readonly<Record<string, string>> = { app: 'shop' }): void {
    const time = `${this.clock.now()}000000`
    this.querier.push({ streams: [{ stream: labels, values: [[time, text]] }] })
  }

  /** Moves the clock on, second by second, so that what follows a step has its turn. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 1000) {
      this.clock.advance(Math.min(left, 1000))
      await turns()
    }
  }
}

/** Lets promises and immediate callbacks have their turns. */
export async function turns(count = 4): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
