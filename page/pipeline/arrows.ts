/** Who hands lines, or values, to whom. */
import type { ComponentStatus } from '../../lib/page/status.ts'
import { askJson } from '../server.ts'
import type { Arrow } from './layout.ts'

/** The part of Alloy's list of components that the graph needs. */
interface Listed {
  readonly localID: string
  readonly moduleID: string
  readonly referencesTo: readonly string[]
}

/** `transactions.pipeline.prod/loki.write.a` is in the module `transactions.pipeline.prod`. */
export function moduleOf(fullId: string): string {
  const slash = fullId.lastIndexOf('/')
  return slash < 0 ? '' : fullId.slice(0, slash)
}

export async function arrowsOf(components: readonly ComponentStatus[]): Promise<readonly Arrow[]> {
  const ids = new Set(components.map(({ fullId }) => fullId))
  const data = components.flatMap(({ fullId, forwardTo }) =>
    forwardTo.filter((to) => ids.has(to)).map((to): Arrow => ({ from: fullId, to, data: true })),
  )
  const known = new Set(data.map(({ from, to }) => `${from} ${to}`))
  const listed = await askJson<readonly Listed[]>('api/v0/web/components').catch(() => [])
  const values = listed.flatMap(({ localID, moduleID, referencesTo }) => {
    const within = (id: string): string => (moduleID === '' ? id : `${moduleID}/${id}`)
    return referencesTo
      .map((of): Arrow => ({ from: within(of), to: within(localID), data: false }))
      .filter(({ from, to }) => ids.has(from) && ids.has(to) && from !== to && !known.has(`${to} ${from}`))
  })
  return [...data, ...values]
}
