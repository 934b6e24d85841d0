/** What Explore is asked for: the part of the address that is its own, and the source it goes to. */
import { computed } from '@preact/signals'
import type { SourceStatus } from '../../lib/page/status.ts'
import { go, params } from '../location.ts'
import { status } from '../status.ts'

export type MetricShape = 'lines' | 'bars' | 'table'

export interface Asked {
  readonly query: string
  readonly from: string
  readonly to: string
  readonly oldestFirst: boolean
  readonly live: boolean
  readonly wrap: boolean
  /** JSON lines spread over several rows. */
  readonly pretty: boolean
  /** Names of fields shown beside or in place of the line; `line` is the line. */
  readonly columns: readonly string[]
  readonly shape: MetricShape
  /** The label that the volume is divided by. */
  readonly by: string
}

const SHAPES: readonly MetricShape[] = ['lines', 'bars', 'table']
const BY = 'detected_level'

export const asked = computed<Asked>(() => {
  const of = params.value
  return {
    query: of.get('q') ?? '',
    from: of.get('from') ?? 'now-1h',
    to: of.get('to') ?? 'now',
    oldestFirst: of.get('order') === 'oldest',
    live: of.get('live') === '1',
    wrap: of.get('wrap') === '1',
    pretty: of.get('pretty') === '1',
    columns: (of.get('columns') ?? '').split(',').filter((name) => name !== ''),
    shape: SHAPES.find((each) => each === of.get('shape')) ?? 'lines',
    by: of.get('by') ?? BY,
  }
})

/** The source in the address, else the first there is. */
export const source = computed<SourceStatus | undefined>(() => {
  const all = status.value?.sources ?? []
  return all.find(({ name }) => name === params.value.get('source')) ?? all[0]
})

/** A change to how results are shown; it's not a step worth going back to. */
export function show(changes: Partial<Pick<Asked, 'wrap' | 'pretty' | 'shape' | 'columns'>>): void {
  go(
    {
      ...flag('wrap', changes.wrap),
      ...flag('pretty', changes.pretty),
      ...(changes.shape === undefined ? {} : { shape: changes.shape === 'lines' ? '' : changes.shape }),
      ...(changes.columns === undefined ? {} : { columns: changes.columns.join(',') }),
    },
    true,
  )
}

/** A change to what is asked. */
export function askFor(
  changes: Partial<Pick<Asked, 'query' | 'from' | 'to' | 'oldestFirst' | 'live' | 'by'>>,
): void {
  const { query, from, to, oldestFirst, live, by } = changes
  go({
    ...(query === undefined ? {} : { q: query }),
    ...(from === undefined ? {} : { from: from === 'now-1h' ? '' : from }),
    ...(to === undefined ? {} : { to: to === 'now' ? '' : to }),
    ...(oldestFirst === undefined ? {} : { order: oldestFirst ? 'oldest' : '' }),
    ...flag('live', live),
    ...(by === undefined ? {} : { by: by === BY ? '' : by }),
  })
}

function flag(name: string, value: boolean | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value ? '1' : '' }
}
