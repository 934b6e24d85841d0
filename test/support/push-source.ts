/** A source that others push to, on a free port, a client for it, and recorded requests of its senders (`fixtures/senders/`). */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'
import type { Component, ComponentDefinition } from '../../lib/component/component.ts'
import { decodeInput } from '../../lib/component/decode.ts'
import { exportedRules } from '../../lib/component/options/relabel.ts'
import type { Batch } from '../../lib/flow/batch.ts'
import type { Entry } from '../../lib/flow/entry.ts'
import { DELIVERED, type Outcome } from '../../lib/flow/outcome.ts'
import { RELABEL_DEFAULTS, type RelabelRule } from '../../lib/formats/relabel.ts'
import { sourceContext, type SourceContext } from './source.ts'

export interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly url: string
  readonly entries: Entry[]
}

/** `settle` ends each entry as it arrives, or leaves it open. */
export async function startPushSource(
  tap: Test,
  definition: ComponentDefinition,
  options: object,
  settle: Outcome | 'open' = DELIVERED,
  ctx = sourceContext(),
): Promise<Running> {
  const component = definition.create(
    decodeInput(definition.name, definition.fields, { forward_to: [], ...options }),
    ctx,
  )
  tap.teardown(async () => component.close?.())
  await component.start?.()
  const entries: Entry[] = []
  component.output!.on('data', (batch: Batch) => {
    for (const entry of batch.take()) {
      entries.push(entry)
      if (settle !== 'open') entry.ack.settle(settle)
    }
  })
  return { component, ctx, entries, url: (component.status!() as { address: string }).address }
}

export interface Answered {
  readonly status: number
  readonly text: string
  readonly type: string | null
  readonly retry: string | null
}

export async function postTo(
  url: string,
  body: string | Buffer,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const answer = await fetch(url, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers,
    signal: AbortSignal.timeout(20_000),
  })
  const header = (name: string): string | null => answer.headers.get(name)
  return {
    status: answer.status,
    text: await answer.text(),
    type: header('content-type'),
    retry: header('retry-after'),
  }
}

/** One request as a sender documents it, or as it was seen, and what becomes of it. */
interface SenderCase {
  readonly name: string
  readonly options?: object
  readonly rules?: readonly Partial<RelabelRule>[]
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
  readonly status: number
  readonly answer?: string
  readonly entries?: readonly { line: string; labels: object; time?: string }[]
  /** Units by state and reason, where not all are delivered. */
  readonly account?: Readonly<Record<string, number>>
  /** Metrics without labels, or sums over them. */
  readonly metrics?: Readonly<Record<string, number>>
}

/** Sends every request of `fixtures/senders/<name>.json`; `listen` is where the options have their `http` block. */
export async function recordedRequests(
  tap: Test,
  definition: ComponentDefinition,
  name: string,
  listen: (options: object, rules: object) => object = (options, rules) => ({
    http: { listen_port: 0 },
    ...options,
    ...rules,
  }),
): Promise<void> {
  const { cases } = JSON.parse(readFileSync(`fixtures/senders/${name}.json`, 'utf8')) as {
    readonly cases: readonly SenderCase[]
  }
  for (const each of cases)
    await tap.test(each.name, async (inner) => {
      const rules = each.rules?.map((rule) => ({ ...RELABEL_DEFAULTS, ...rule }))
      const running = await startPushSource(
        inner,
        definition,
        listen(each.options ?? {}, rules === undefined ? {} : { relabel_rules: exportedRules(rules) }),
      )
      const body = typeof each.body === 'string' ? each.body : JSON.stringify(each.body)
      const packed = each.headers?.['content-encoding'] === 'gzip' ? gzipSync(body) : body
      const answer = await postTo(`${running.url}${each.path}`, packed, each.headers)
      inner.equal(answer.status, each.status, answer.text)
      if (each.answer !== undefined) inner.match(answer.text, new RegExp(each.answer))
      inner.strictSame(
        running.entries.map((entry, i) => ({
          line: entry.line,
          labels: entry.labels.toObject(),
          ...(each.entries?.[i]?.time === undefined ? {} : { time: nanosOf(entry) }),
        })),
        each.entries ?? [],
      )
      const account = running.ctx.ledger
        .rows()
        .filter(({ state, units }) => state !== 'delivered' && units > 0)
        .map(({ state, reason, units }): [string, number] => [`${state} ${reason}`, units])
      inner.strictSame(Object.fromEntries(account), each.account ?? {})
      const values = running.ctx.metrics.snapshot()
      for (const [metric, value] of Object.entries(each.metrics ?? {})) {
        const samples = values.find((family) => family.name === metric)?.samples ?? []
        inner.equal(
          samples.reduce((sum, sample) => sum + sample.value, 0),
          value,
          metric,
        )
      }
    })
}

function nanosOf({ seconds, nanos }: Entry): string {
  return `${seconds}.${String(nanos).padStart(9, '0')}`
}
