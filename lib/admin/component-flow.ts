/** What the graph of the page shows of a component beyond its health: drops, queues and spools, in one shape for all kinds. */
import type { EndpointStatus } from '../delivery/settings.ts'
import type { ComponentInfo } from '../run/supervise/component-info.ts'
import type { EndpointFlow } from '../page/status.ts'
import type { Metrics } from '../telemetry/metrics.ts'

/** Counters of entries that components drop; those of `loki_process` count the same ones as the stages do. */
const DROPS = /^(?:logstream_stage_dropped_total|loki_(?!process_)\w*_dropped(?:_entries|_lines)?_total)$/

/** Entries dropped since the start, by full id of the component. */
export function dropsIn(metrics: Metrics): ReadonlyMap<string, number> {
  const drops = new Map<string, number>()
  for (const { samples } of metrics.peek(({ name }) => DROPS.test(name)))
    for (const { labels, value } of samples) {
      const { component_path: path = '/', component_id: id = '' } = labels
      const fullId = path === '/' ? String(id) : `${String(path).slice(1)}/${id}`
      drops.set(fullId, (drops.get(fullId) ?? 0) + value)
    }
  return drops
}

/** The endpoints of a sink; none for other components. */
export function endpointsOf({ status }: ComponentInfo): readonly EndpointFlow[] {
  const { endpoints } = (status ?? {}) as { readonly endpoints?: readonly EndpointStatus[] }
  if (!Array.isArray(endpoints)) return []
  return (endpoints as readonly EndpointStatus[]).map(
    ({ name, url, state, failingSince, lastError, queuedBytes, spoolEntries, spoolBytes, spoolSince }) => ({
      name,
      url,
      state,
      failingSince,
      lastError,
      queuedBytes,
      spoolEntries,
      spoolBytes,
      spoolSince,
    }),
  )
}
