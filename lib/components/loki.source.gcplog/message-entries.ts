/** `POST /gcp/api/v1/push`: the message of a request as an entry. */
import type { ComponentContext } from '../../component/component.ts'
import { Stamps } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import { LabelSet } from '../../flow/labels.ts'
import { parseRfc3339 } from '../../go/rfc3339.ts'
import { trimSpace } from '../../go/strings/space.ts'
import { Warnings } from '../../intake/warnings.ts'
import { TENANT_LABEL } from '../../loki/batch.ts'
import { pushAnswer } from '../../loki/push-answer.ts'
import type { Decoded } from '../../loki/push-receiver.ts'
import type { PushWays } from '../../loki/push-source.ts'
import { SenderLabels } from '../../loki/sender-labels.ts'
import type { Request, Route } from '../../net/server/router.ts'
import type { Counters } from '../../telemetry/metrics.ts'
import { pushOf, type GcplogOptions } from './fields.ts'
import { messageIn, type GcpMessage, type MessageFault } from './message.ts'

export class MessageEntries {
  readonly #stamps: Stamps
  readonly #warnings: Warnings
  readonly #errors: Counters
  readonly #labels: SenderLabels
  readonly #ownTimes: boolean
  readonly #fullLine: boolean

  constructor(options: GcplogOptions, ctx: ComponentContext) {
    const push = pushOf(options)
    this.#stamps = new Stamps(ctx.clock)
    this.#warnings = new Warnings(ctx.log, ctx.clock)
    this.#errors = ctx.metrics.counters(
      'loki_source_gcplog_push_parsing_errors_total',
      'Number of parsing errors while receiving gcplog messages',
      'reason',
    )
    // As in Alloy: rules can't change the labels of the block.
    const { labels } = push
    this.#labels = new SenderLabels({ rules: options.relabel_rules, labels, winner: 'labels', job: ctx.id })
    this.#ownTimes = push.use_incoming_timestamp
    this.#fullLine = push.use_full_line
  }

  /** Refuses what can't be read: Pub/Sub keeps it, and hands it to the dead-letter topic if there is one. */
  of(body: Buffer, { headers }: Pick<Request, 'headers'>): Decoded {
    const message = messageIn(body)
    if ('reason' in message) return this.#refuse(message)
    const time = this.#ownTimes ? parseRfc3339(message.time) : undefined
    if (this.#ownTimes && time === undefined)
      return this.#refuse({
        reason: 'translation',
        message: `expected a time as RFC 3339 in timestamp or receiveTimestamp, found ${JSON.stringify(message.time.slice(0, 80))}`,
      })
    const labels = this.#labels.of([
      ...message.labels,
      [TENANT_LABEL, String(headers['x-scope-orgid'] ?? '')],
    ])
    if (!(labels instanceof LabelSet)) return { ok: true, push: { entries: [], ended: [labels] } }
    this.#stamps.refresh()
    const line = this.#lineOf(message)
    const entry =
      time === undefined
        ? Entry.now(this.#stamps, line, labels)
        : new Entry(time.seconds, time.nanos, line, labels)
    return { ok: true, push: { entries: [entry], ended: [] } }
  }

  #lineOf({ textPayload, data }: GcpMessage): string {
    return !this.#fullLine && trimSpace(textPayload) !== '' ? textPayload : data
  }

  #refuse({ reason, message }: MessageFault): Decoded {
    this.#errors.add(reason)
    this.#warnings.warn(reason, 'a message of Pub/Sub was refused', { reason: message })
    return { ok: false, status: 400, message }
  }
}

export function messageRoutes({ receiver, maker }: PushWays<MessageEntries>): Route[] {
  return [
    {
      methods: ['POST'],
      path: '/gcp/api/v1/push',
      handle: async (request) =>
        pushAnswer(await receiver.receive(request, (body) => Promise.resolve(maker().of(body, request)))),
    },
  ]
}
