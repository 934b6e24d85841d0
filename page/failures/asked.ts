/** Which failures are shown, from the address. */
import { computed } from '@preact/signals'
import { go, params } from '../location.ts'

export type Kind = 'parse' | 'refused'

export interface Asked {
  readonly kind: Kind
  /** Entries that match it have failed. In the syntax of `stage.match`. */
  readonly selector: string
  readonly from: string
  /** The `loki.process` to explain them with; '': the one that their labels point to. */
  readonly component: string
  /** The key of the group that is open. */
  readonly group: string
}

const SELECTOR = '{parse_status="failed"}'
const FROM = 'now-1h'

export const asked = computed<Asked>(() => {
  const of = params.value
  return {
    kind: of.get('kind') === 'refused' ? 'refused' : 'parse',
    selector: of.get('q') ?? SELECTOR,
    from: of.get('from') ?? FROM,
    component: of.get('component') ?? '',
    group: of.get('group') ?? '',
  }
})

/** Asks for other failures and closes the open group. */
export function askFor({ kind, selector, from, component }: Partial<Omit<Asked, 'group'>>): void {
  go({
    group: '',
    ...(kind === undefined ? {} : { kind: kind === 'parse' ? '' : kind }),
    ...(selector === undefined ? {} : { q: selector === SELECTOR ? '' : selector }),
    ...(from === undefined ? {} : { from: from === FROM ? '' : from }),
    ...(component === undefined ? {} : { component }),
  })
}

/** Opens a group, or closes the one that is open. */
export function openGroup(key: string): void {
  go({ group: asked.value.group === key ? '' : key }, true)
}
