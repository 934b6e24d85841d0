/** Events of Kubernetes (https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/) as lines. */
import { marshalSorted } from '../../go/json/writer.ts'
import { parseRfc3339, type Instant } from '../../go/rfc3339.ts'
import { quote } from '../../go/strconv/quote.ts'
import type { KubernetesObject } from '../../net/kubernetes/objects.ts'

export const LOG_FORMATS = ['logfmt', 'json'] as const

export type LogFormat = (typeof LOG_FORMATS)[number]

export interface KubernetesEvent extends KubernetesObject {
  readonly involvedObject?: {
    readonly namespace?: string
    readonly name?: string
    readonly kind?: string
    readonly apiVersion?: string
    readonly resourceVersion?: string
  }
  readonly action?: string
  readonly reportingInstance?: string
  /** What Alloy calls `reportingcontroller`. */
  readonly reportingComponent?: string
  readonly source?: { readonly component?: string; readonly host?: string }
  readonly reason?: string
  readonly type?: string
  readonly count?: number
  readonly message?: string
  readonly lastTimestamp?: string | null
  readonly eventTime?: string | null
}

/** When it happened last. Alloy never sends an event that has neither time; its creation is the next best. */
export function timeOf({ lastTimestamp, eventTime, metadata }: KubernetesEvent): Instant | undefined {
  for (const text of [lastTimestamp, eventTime, metadata.creationTimestamp]) {
    const time = parseRfc3339(text ?? '')
    if (time !== undefined) return time
  }
  return undefined
}

/** The line that Alloy makes of an event: fields in its order, with a space after the last, or as JSON by name. */
export function lineOf(event: KubernetesEvent, format: LogFormat): string {
  const fields = fieldsOf(event)
  if (format === 'json') return marshalSorted(Object.fromEntries(fields), 'standard')!
  return fields
    .map(([name, value]) => `${name}=${name === 'msg' ? quote(String(value)) : String(value)} `)
    .join('')
}

function fieldsOf(event: KubernetesEvent): readonly (readonly [string, string | number])[] {
  const { involvedObject: object, source } = event
  const fields: readonly (readonly [string, string | number | undefined])[] = [
    ['name', object?.name],
    ['kind', object?.kind],
    ['action', event.action],
    ['objectAPIversion', object?.apiVersion],
    ['objectRV', object?.resourceVersion],
    ['eventRV', event.metadata.resourceVersion],
    ['reportinginstance', event.reportingInstance],
    ['reportingcontroller', event.reportingComponent],
    ['sourcecomponent', source?.component],
    ['sourcehost', source?.host],
    ['reason', event.reason],
    ['type', event.type],
    ['count', event.count],
  ]
  const given = fields.flatMap(([name, value]) =>
    value === undefined || value === '' || value === 0 ? [] : [[name, value] as const],
  )
  return [...given, ['msg', event.message ?? '']]
}
