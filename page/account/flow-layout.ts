/** The ledger as a flow: from sources over all that was read to how it ended, and on to the sinks, as bands between boxes. */
import type { LedgerRow } from '../../lib/flow/ledger.ts'
import type { ComponentStatus, PageStatus } from '../../lib/page/status.ts'

export type FlowKind = LedgerRow['state'] | 'read' | 'flight'

export interface FlowBox {
  readonly name: string
  /** Lines; entries at sources and sinks. */
  readonly count: number
  readonly kind: FlowKind
  /** The component it stands for. */
  readonly fullId?: string
  readonly x: number
  readonly y: number
  readonly height: number
}

export interface FlowBand {
  readonly kind: FlowKind
  readonly from: { readonly x: number; readonly y: number }
  readonly to: { readonly x: number; readonly y: number }
  /** Pixels, at both ends. */
  readonly fromHeight: number
  readonly toHeight: number
}

export interface FlowDrawing {
  readonly width: number
  readonly height: number
  readonly boxes: readonly FlowBox[]
  readonly bands: readonly FlowBand[]
}

export const BOX_WIDTH = 10
const COLUMN = 270
const HEIGHT = 220
/** The height of a box with next to nothing in it, and the distance that two labels need. */
const LEAST = 3
const PITCH = 38

interface Part {
  readonly name: string
  readonly count: number
  /** What its height stands for, in lines. */
  readonly share: number
  readonly kind: FlowKind
  readonly fullId?: string
}

/** What comes this far has been given to sinks. */
const ARRIVED: ReadonlySet<FlowKind> = new Set<FlowKind>(['delivered', 'spooled', 'dead_lettered'])

const NAMES: Readonly<Record<LedgerRow['state'], string>> = {
  delivered: 'delivered',
  spooled: 'in the spool',
  dropped: 'dropped',
  dead_lettered: 'dead letter',
}

/** `undefined` before the first line. */
export function flowDrawing({ ledger, components }: PageStatus): FlowDrawing | undefined {
  const { read } = ledger
  if (read === 0) return undefined
  const ends = endsOf(ledger)
  const arrived = ends.reduce((sum, { kind, share }) => (ARRIVED.has(kind) ? sum + share : sum), 0)
  const columns = [
    shared(sourcesOf(components), read),
    [{ name: 'read', count: read, share: read, kind: 'read' as const }],
    ends,
    shared(sinksOf(components), arrived),
  ].map((parts, column) => boxesOf(parts, column, read))
  const [sources, all, ended, sinks] = columns as [FlowBox[], FlowBox[], FlowBox[], FlowBox[]]
  return {
    width: COLUMN * 3 + 250,
    height: Math.max(...columns.map(bottomOf)) + 8,
    boxes: columns.flat(),
    bands: [
      ...bandsBetween(sources, all, ({ kind }) => kind),
      ...bandsBetween(all, ended, (_from, { kind }) => kind),
      ...bandsBetween(
        ended.filter(({ kind }) => ARRIVED.has(kind)),
        sinks,
        ({ kind }) => kind,
      ),
    ],
  }
}

function endsOf({ rows, inFlight }: PageStatus['ledger']): Part[] {
  const order = ['delivered', 'spooled', 'dropped', 'dead_lettered']
  const ends: Part[] = rows
    .filter(({ units }) => units > 0)
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || b.units - a.units)
    .map(({ state, reason, units }) => ({
      name: reason === '' || reason === state ? NAMES[state] : `${NAMES[state]}: ${reason}`,
      count: units,
      share: units,
      kind: state,
    }))
  return inFlight > 0
    ? [...ends, { name: 'in flight', count: inFlight, share: inFlight, kind: 'flight' }]
    : ends
}

function sourcesOf(components: readonly ComponentStatus[]): Part[] {
  const fed = new Set(components.flatMap(({ forwardTo }) => forwardTo))
  return components
    .filter(({ fullId, forwardTo, sent }) => forwardTo.length > 0 && !fed.has(fullId) && sent > 0)
    .map(({ fullId, sent }) => ({ name: shortId(fullId), count: sent, share: sent, kind: 'read', fullId }))
}

function sinksOf(components: readonly ComponentStatus[]): Part[] {
  return components
    .filter(({ forwardTo }) => forwardTo.length === 0)
    .map(({ fullId }) => {
      const given = components.filter(({ forwardTo }) => forwardTo.includes(fullId))
      const count = given.reduce((sum, { sent }) => sum + sent, 0)
      return { name: shortId(fullId), count, share: count, kind: 'delivered' as const, fullId }
    })
    .filter(({ count }) => count > 0)
}

function shortId(fullId: string): string {
  return fullId.slice(fullId.lastIndexOf('/') + 1)
}

// Sources and sinks count entries, and a line may go to several sinks: what is drawn is their shares.
function shared(parts: readonly Part[], lines: number): Part[] {
  const sum = parts.reduce((total, { share }) => total + share, 0)
  return parts.map((part) => ({ ...part, share: sum === 0 ? 0 : (part.share / sum) * lines }))
}

function boxesOf(parts: readonly Part[], column: number, read: number): FlowBox[] {
  let y = 8
  return parts.map(({ share, ...part }) => {
    const height = Math.max(LEAST, (share / read) * HEIGHT)
    const box = { ...part, x: column * COLUMN, y, height }
    y += Math.max(height + 8, PITCH)
    return box
  })
}

function bottomOf(boxes: readonly FlowBox[]): number {
  const last = boxes.at(-1)
  return last === undefined ? 0 : Math.max(last.y + last.height, last.y + PITCH - 8)
}

// Each box divides its side among those on the other side by their heights.
function bandsBetween(
  left: readonly FlowBox[],
  right: readonly FlowBox[],
  kindOf: (from: FlowBox, to: FlowBox) => FlowKind,
): FlowBand[] {
  const heightOf = (boxes: readonly FlowBox[]): number => boxes.reduce((sum, { height }) => sum + height, 0)
  const [leftHeight, rightHeight] = [heightOf(left), heightOf(right)]
  const taken = new Map(right.map((box) => [box, 0]))
  return left.flatMap((from) => {
    let given = 0
    return right.map((to) => {
      const fromHeight = (to.height / rightHeight) * from.height
      const toHeight = (from.height / leftHeight) * to.height
      const band: FlowBand = {
        kind: kindOf(from, to),
        from: { x: from.x + BOX_WIDTH, y: from.y + given },
        to: { x: to.x, y: to.y + taken.get(to)! },
        fromHeight,
        toHeight,
      }
      given += fromHeight
      taken.set(to, taken.get(to)! + toHeight)
      return band
    })
  })
}
