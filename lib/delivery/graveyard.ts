/** Refused entries go to the dead letters, each with Loki's reason; where there is no disk they are dropped by name. */
import type { Ack } from '../flow/ack.ts'
import type { Clock } from '../flow/clock.ts'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'
import { messageOf } from '../errors.ts'
import { deadLettered, dropped } from '../flow/outcome.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Counters } from '../telemetry/metrics.ts'
import type { SentEntry } from '../loki/batch.ts'
import { refusalName, type PushAnswer } from './retry.ts'

/** A refused entry that still owes something (nothing when it comes from the spool). */
export interface Refused {
  readonly sent: SentEntry
  readonly tenant: string
  readonly ack: Ack | undefined
  readonly answer: PushAnswer
}

export interface GraveyardOptions {
  readonly component: string
  readonly endpoint: string
  readonly letters: DeadLetters | undefined
  readonly clock: Clock
  readonly log: Logger
  readonly buried: Counters
  /** Entries that could not even be kept. */
  readonly lost: (tenant: string, entries: number, bytes: number) => void
}

export class Graveyard {
  readonly #options: GraveyardOptions

  constructor(options: GraveyardOptions) {
    this.#options = options
  }

  /** Resolves when the entries are on disk and their acknowledgements are settled. */
  async bury(refused: readonly Refused[]): Promise<void> {
    if (refused.length === 0) return
    const { log, letters, buried, lost } = this.#options
    const { answer } = refused[0]!
    const kept = await this.#write(refused)
    log.warn(
      kept
        ? 'Loki has refused entries; they are in the dead letters'
        : 'Loki has refused entries; they are dropped',
      { entries: refused.length, status: answer.status, reason: answer.reason, folder: letters?.folder },
    )
    for (const { sent, tenant, ack, answer: of } of refused) {
      const name = refusalName(of)
      if (kept) buried.add(name)
      else lost(tenant, 1, Buffer.byteLength(sent.entry.line))
      ack?.settle(kept ? deadLettered(name) : dropped(name))
    }
  }

  async #write(refused: readonly Refused[]): Promise<boolean> {
    const { letters, log } = this.#options
    if (letters === undefined) return false
    try {
      return await letters.append(refused.map((each) => this.#letter(each)))
    } catch (error) {
      log.error('the dead letters cannot be written', { folder: letters.folder, error: messageOf(error) })
      return false
    }
  }

  #letter({ sent, tenant, answer }: Refused): DeadLetter {
    const { component, endpoint, clock } = this.#options
    const { seconds, nanos, line, structuredMetadata } = sent.entry
    return {
      at: new Date(clock.now()).toISOString(),
      component,
      endpoint,
      tenant,
      labels: sent.labels,
      timestamp: String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
      line,
      structured_metadata: structuredMetadata,
      status: answer.status,
      reason: answer.reason,
    }
  }
}
