/** `POST /heroku/api/v1/drain`: the frames of a request as entries. */
import type { ComponentContext } from '../../component/component.ts'
import { Stamps } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import { LabelSet } from '../../flow/labels.ts'
import { dropped, type Outcome } from '../../flow/outcome.ts'
import { Warnings } from '../../intake/warnings.ts'
import { TENANT_LABEL } from '../../loki/batch.ts'
import { pushAnswer } from '../../loki/push-answer.ts'
import { MAX_PUSH_ENTRIES, type Decoded } from '../../loki/push-receiver.ts'
import type { PushWays } from '../../loki/push-source.ts'
import { SenderLabels } from '../../loki/sender-labels.ts'
import type { Request, Route } from '../../net/server/router.ts'
import type { Counter } from '../../telemetry/metrics.ts'
import type { HerokuOptions } from './fields.ts'
import { drainMessages, type DrainMessage, type FrameFault } from './frames.ts'

/** Query parameters beyond these aren't shown to rules. */
const MOST_PARAMETERS = 64

const ENDED: Readonly<Record<FrameFault, Outcome>> = {
  unframed: dropped('heroku_unframed'),
  truncated: dropped('heroku_truncated'),
  unreadable: dropped('heroku_unreadable'),
}

const WHY: Readonly<Record<FrameFault, string>> = {
  unframed: 'no length where a frame should begin: the rest of the body is lost',
  truncated: 'the body ends before the frame does',
  unreadable: 'expected <PRI>VERSION TIME HOST APP PROCESS ID MESSAGE',
}

/** Makes entries of the frames. */
export class DrainEntries {
  readonly #stamps: Stamps
  readonly #warnings: Warnings
  readonly #errors: Counter
  readonly #labels: SenderLabels
  readonly #ownTimes: boolean

  constructor(
    { use_incoming_timestamp, labels, relabel_rules: rules }: HerokuOptions,
    ctx: ComponentContext,
  ) {
    this.#stamps = new Stamps(ctx.clock)
    this.#warnings = new Warnings(ctx.log, ctx.clock)
    this.#errors = ctx.metrics.counter(
      'loki_source_heroku_drain_parsing_errors_total',
      'Number of parsing errors while receiving Heroku messages',
    )
    this.#labels = new SenderLabels({ rules, labels, winner: 'rules', job: ctx.id })
    this.#ownTimes = use_incoming_timestamp
  }

  /** Refuses a body only when none of its frames can be read: after a 400, Logplex sends all of them again. */
  of(body: Buffer, request: Pick<Request, 'query' | 'headers'>): Decoded {
    const entries: Entry[] = []
    const ended: Outcome[] = []
    const common = commonLabels(request)
    let read = 0
    this.#stamps.refresh()
    for (const message of drainMessages(body)) {
      // Too many already: the receiver refuses them all.
      if (entries.length + ended.length > MAX_PUSH_ENTRIES) break
      if (typeof message === 'string') {
        this.#refuse(message)
        ended.push(ENDED[message])
        continue
      }
      read++
      const labels = this.#labels.of([...labelsOf(message), ...common])
      if (labels instanceof LabelSet) entries.push(this.#entry(message, labels))
      else ended.push(labels)
    }
    if (read === 0 && body.length > 0)
      return { ok: false, status: 400, message: 'expected frames of Logplex, as LENGTH <PRI>VERSION …' }
    return { ok: true, push: { entries, ended } }
  }

  #entry({ time, text }: DrainMessage, labels: LabelSet): Entry {
    return this.#ownTimes
      ? new Entry(time.seconds, time.nanos, text, labels)
      : Entry.now(this.#stamps, text, labels)
  }

  #refuse(fault: FrameFault): void {
    this.#errors.value++
    this.#warnings.warn(fault, 'a frame of Heroku was refused', { reason: WHY[fault] })
  }
}

export function drainRoutes({ receiver, maker }: PushWays<DrainEntries>): Route[] {
  return [
    {
      methods: ['POST'],
      path: '/heroku/api/v1/drain',
      handle: async (request) =>
        pushAnswer(await receiver.receive(request, (body) => Promise.resolve(maker().of(body, request)))),
    },
    { methods: ['GET'], path: '/healthy', handle: () => ({ status: 200, body: '' }) },
  ]
}

function labelsOf({ host, app, process, id }: DrainMessage): [string, string][] {
  return [
    ['__heroku_drain_host', host],
    ['__heroku_drain_app', app],
    ['__heroku_drain_proc', process],
    ['__heroku_drain_log_id', id],
  ]
}

/** Those of the request. Its own headers are not in Alloy, so they lie outside of the prefix that a labelmap may take whole. */
function commonLabels({ query, headers }: Pick<Request, 'query' | 'headers'>): [string, string][] {
  const header = (name: string): string => String(headers[name] ?? '')
  const names = [...new Set(query.keys())].slice(0, MOST_PARAMETERS)
  return [
    ...names.map((name): [string, string] => [`__heroku_drain_param_${name}`, query.getAll(name).join(',')]),
    ['__logplex_drain_token', header('logplex-drain-token')],
    ['__logplex_frame_id', header('logplex-frame-id')],
    [TENANT_LABEL, header('x-scope-orgid')],
  ]
}
