/** Refused entries go to the dead letters, each with the destination's reason; what can't be kept there is lost, and counted. */
import { diskFailure } from '../disk/disk-failure.ts'
import type { Ack } from '../flow/ack.ts'
import type { Clock } from '../flow/clock.ts'
import { deadLettered, dropped, lost } from '../flow/outcome.ts'
import { Signal } from '../flow/signal.ts'
import { Warnings } from '../intake/warnings.ts'
import type { Logger } from '../telemetry/log.ts'
import type { Counters } from '../telemetry/metrics.ts'
import { LETTER_FORMAT, type DeadLetter, type DeadLetters } from './dead-letters.ts'
import type { Answer, SentEntry } from './destination.ts'

/** A refused entry, and what it still owes: nothing when it comes from the spool. */
export interface Refused {
  readonly sent: SentEntry
  readonly route: string
  readonly ack: Ack | undefined
  readonly answer: Answer
}

export interface DeadLetterFilerOptions {
  readonly component: string
  readonly endpoint: string
  /** `undefined` where nothing may be written: refused entries are then dropped under the name of the refusal. */
  readonly letters: DeadLetters | undefined
  readonly nameOf: (answer: Answer) => string
  readonly clock: Clock
  readonly log: Logger
  readonly filed: Counters
  /** An entry could not be kept; `spooled`: it came from the spool, so that this run has not counted it. */
  readonly onUnsaved: (route: string, bytes: number, spooled: boolean) => void
}

/** How entries end up: filed, no room left for them, or not settled because the disk failed until the end. */
export type Filing = 'filed' | 'full' | 'disk_failed'

const RETRY_MS = 1000
/** How often a failing disk is tried for entries that can't be read again: they hold up all others. */
const TRIES = 10

export class DeadLetterFiler {
  readonly #options: DeadLetterFilerOptions
  readonly #warnings: Warnings
  readonly #giveUps = new Signal()
  #leaving = false

  constructor(options: DeadLetterFilerOptions) {
    this.#options = options
    this.#warnings = new Warnings(options.log, options.clock)
  }

  /**
   * Resolves when the entries are on disk and settled. While the disk fails it waits: for entries that can be read again
   * until `leave()` is called, and these are then not settled; for others ten seconds, and these are then lost.
   */
  async file(refused: readonly Refused[]): Promise<Filing> {
    const isSafe = ({ ack }: Refused): boolean => ack === undefined || ack.replayable
    const safe = refused.filter(isSafe)
    const unsafe = refused.filter((each) => !isSafe(each))
    const filings = [
      await this.#fileGroup(unsafe, TRIES),
      await this.#fileGroup(safe, Number.POSITIVE_INFINITY),
    ]
    return filings.find((filing) => filing !== 'filed') ?? 'filed'
  }

  /** The end is near: nothing is waited for any more. */
  leave(): void {
    this.#leaving = true
    this.#giveUps.notify()
  }

  async #fileGroup(refused: readonly Refused[], tries: number): Promise<Filing> {
    if (refused.length === 0) return 'filed'
    const { log, letters, filed, onUnsaved, nameOf } = this.#options
    const { answer } = refused[0]!
    const filing = await this.#write(refused, tries)
    const fields = {
      entries: refused.length,
      status: answer.status,
      reason: answer.reason,
      folder: letters?.folder,
    }
    if (filing === 'filed')
      this.#warnings.warn(nameOf(answer), 'entries were refused; they are in the dead letters', fields)
    else
      log.error('entries were refused, and the dead letters could not take them', { ...fields, why: filing })
    for (const { sent, route, ack, answer: of } of refused) {
      const name = nameOf(of)
      if (filing === 'filed') {
        filed.add(name)
        ack?.settle(deadLettered(name))
      } else if (filing === 'full' || ack?.replayable === false) {
        onUnsaved(route, Buffer.byteLength(sent.line), ack === undefined)
        ack?.settle(letters === undefined ? dropped(name) : lost(name))
      }
    }
    return filing
  }

  async #write(refused: readonly Refused[], mostTries: number): Promise<Filing> {
    const { letters, log, clock } = this.#options
    if (letters === undefined) return 'full'
    const lines = refused.map((each) => this.#letter(each))
    for (let tries = 1; ; tries++) {
      try {
        return (await letters.append(lines)) ? 'filed' : 'full'
      } catch (error) {
        if (tries === 1)
          log.error('the dead letters cannot be written', {
            folder: letters.folder,
            error: diskFailure(error),
          })
        if (this.#leaving || tries >= mostTries) return 'disk_failed'
        await this.#giveUps.nextWithin(RETRY_MS, clock)
      }
    }
  }

  #letter({ sent, route, answer }: Refused): DeadLetter {
    const { component, endpoint, clock } = this.#options
    const { seconds, nanos, line, structuredMetadata } = sent
    return {
      format: LETTER_FORMAT,
      at: new Date(clock.now()).toISOString(),
      component,
      endpoint,
      tenant: route,
      labels: sent.labels,
      timestamp: String(BigInt(seconds) * 1_000_000_000n + BigInt(nanos)),
      line,
      structured_metadata: structuredMetadata,
      status: answer.status,
      reason: answer.reason,
    }
  }
}
