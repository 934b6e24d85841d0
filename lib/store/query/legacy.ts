/** The addresses of Loki before 1.0, `/api/prom/…`, which old clients still ask: other shapes, the same queries. */
import { formatLabels } from '../../formats/label-text.ts'
import { formatRfc3339Nano } from '../../go/rfc3339.ts'
import type { LogStream, QueryAnswer } from '../../logql/api/answers.ts'
import { labelNames, labelValues } from '../../logql/api/explore.ts'
import { rangeParameters } from '../../logql/api/params.ts'
import { momentOf } from '../../logql/engine/moment.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { answerRange, answerSeries, type Endpoint } from './endpoints.ts'

/** By address below `/api/prom/`. */
export const legacyEndpoints: Readonly<Record<string, Endpoint>> = {
  query: async (querier, asked) => {
    const values = new URLSearchParams(asked.values)
    const regexp = values.get('regexp') ?? ''
    // One more filter of lines.
    if (regexp !== '') values.set('query', `${values.get('query') ?? ''} |~ ${JSON.stringify(regexp)}`)
    const { data } = (await answerRange(querier, { ...asked, values, flags: undefined })) as QueryAnswer
    if (data.resultType === 'streams') return { streams: data.result.map(legacyStream), stats: {} }
    throw new LogqlError('legacy endpoints only support streams: ask /loki/api/v1/query_range for metrics')
  },
  label: async (querier, { values, now, signal }) => ({
    values: await labelNames(querier, values.get('query') ?? '', rangeParameters(values, now), { signal }),
  }),
  series: answerSeries,
}

/** `/api/prom/label/NAME/values` */
export const legacyValues: Endpoint = async (querier, { values, name, now, signal }) => ({
  values: await labelValues(querier, name, values.get('query') ?? '', rangeParameters(values, now), {
    signal,
  }),
})

/** A message of `/loki/api/v1/tail` in the old shape. */
export function legacyTailMessage(message: string): string {
  const { streams, dropped_entries: dropped } = JSON.parse(message) as TailMessage
  return JSON.stringify({
    streams: streams.map(legacyStream),
    dropped_entries:
      dropped?.map(({ timestamp, labels }) => ({
        Timestamp: timeText(timestamp),
        Labels: formatLabels(Object.entries(labels)),
      })) ?? null,
  })
}

interface TailMessage {
  readonly streams: readonly LogStream[]
  readonly dropped_entries?: readonly {
    readonly timestamp: string
    readonly labels: Readonly<Record<string, string>>
  }[]
}

function legacyStream({ stream, values }: LogStream): object {
  const entries = values.map(([time, line]) => ({ ts: timeText(time), line }))
  return { labels: formatLabels(Object.entries(stream)), entries }
}

function timeText(text: string): string {
  const { seconds, nanos } = momentOf(BigInt(text))
  return formatRfc3339Nano(seconds, nanos)
}
