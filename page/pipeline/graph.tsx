/** The graph of components: how they are, and how many entries a second go along each arrow. */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals'
import type { ComponentStatus } from '../../lib/page/status.ts'
import { follow, params, viewAddress } from '../location.ts'
import { short } from '../numbers.ts'
import { rates, status, strains } from '../status.ts'
import { badgesOf, flowOf, Legend, type Badge } from './strain.tsx'
import type { Arrow, Layout, Path, Place } from './layout.ts'
import { arrowsOf, moduleOf } from './arrows.ts'

export function PipelineGraph() {
  const drawn = useSignal<Layout | undefined>(undefined)
  // Laid out anew when components come or go, not at every answer.
  const shape = useComputed(() =>
    JSON.stringify((status.value?.components ?? []).map(({ fullId, forwardTo }) => [fullId, forwardTo])),
  )
  const arrows = useSignal<readonly Arrow[]>([])
  useSignalEffect(() => {
    void shape.value
    const components = status.peek()?.components ?? []
    void Promise.all([import('./layout.ts'), arrowsOf(components)]).then(([{ layoutOf }, found]) => {
      arrows.value = found
      drawn.value = layoutOf(
        components.map(({ fullId }) => ({ id: fullId, module: moduleOf(fullId) })),
        found,
      )
    })
  })
  const now = drawn.value
  if (now === undefined) return <div class="graph waiting" />
  const known = new Map(status.value!.components.map((each) => [each.fullId, each]))
  return (
    <>
      <div class="graph" tabIndex={0} role="group" aria-label="Graph of the pipeline">
        <svg width={now.width} height={now.height} viewBox={`0 0 ${now.width} ${now.height}`}>
          <defs>
            <marker
              id="tip"
              viewBox="0 0 8 8"
              refX="7"
              refY="4"
              markerWidth="9"
              markerHeight="9"
              markerUnits="userSpaceOnUse"
              orient="auto"
            >
              <path d="M1 1 7 4 1 7" class="tip" />
            </marker>
          </defs>
          {now.modules.map((place) => (
            <Module key={place.id} place={place} />
          ))}
          {now.paths.map((path) => (
            <Edge
              key={`${path.from} ${path.to}`}
              path={path}
              waits={waitsOf(known.get(path.from), path.to)}
            />
          ))}
          {now.places.map((place) => {
            const component = known.get(place.id)
            return component === undefined ? null : (
              <Node key={place.id} place={place} component={component} />
            )
          })}
        </svg>
      </div>
      <Legend />
    </>
  )
}

function Module({ place: { id, x, y, width, height } }: { place: Place }) {
  return (
    <g class="module">
      <rect x={x} y={y} width={width} height={height} rx="10" />
      <text x={x + 10} y={y + 14}>
        {id}
      </text>
    </g>
  )
}

/** The share of the time that `to` keeps a component waiting. */
function waitsOf(component: ComponentStatus | undefined, to: string): number {
  if (component === undefined) return 0
  return strains.value.get(component.fullId)?.waits[component.forwardTo.indexOf(to)] ?? 0
}

function Edge({ path: { from, data, points }, waits }: { path: Path; waits: number }) {
  const flow = flowOf(waits)
  const rate = rates.value.get(from) ?? 0
  const [first, ...others] = points
  const middle = points[Math.floor(points.length / 2)]!
  const line = `M${first!.x} ${first!.y}${curve(others)}`
  // From one to five pixels over five powers of ten.
  const width = data ? 1 + Math.min(4, Math.log10(1 + rate)) * 0.8 : 1
  return (
    <g class={data ? `edge ${flow === 'free' ? (rate > 0 ? 'flows' : '') : flow}` : 'edge value'}>
      <path d={line} style={{ strokeWidth: `${width}px` }} marker-end="url(#tip)" />
      {data && (rate > 0 || flow !== 'free') ? (
        <text x={middle.x} y={middle.y - 7}>
          {short(rate)}/s{flow === 'free' ? '' : `, waits ${Math.round(waits * 100)} %`}
        </text>
      ) : null}
    </g>
  )
}

// Quadratic curves through the middles of dagre's points.
function curve(points: readonly { readonly x: number; readonly y: number }[]): string {
  let out = ''
  points.forEach((point, i) => {
    const next = points[i + 1]
    if (next === undefined) out += ` L${point.x} ${point.y}`
    else out += ` Q${point.x} ${point.y} ${(point.x + next.x) / 2} ${(point.y + next.y) / 2}`
  })
  return out
}

function Node({ place: { x, y, width, height }, component }: { place: Place; component: ComponentStatus }) {
  const { fullId, name, health } = component
  const badges = badgesOf(component)
  const chosen = params.value.get('component') === fullId
  const label = fullId.slice(fullId.lastIndexOf('/') + 1).slice(name.length + 1)
  return (
    <a
      href={viewAddress('pipeline', { component: fullId })}
      onClick={follow}
      class={`node ${health.state}`}
      aria-current={chosen ? 'true' : undefined}
    >
      <title>
        {[`${fullId}: ${health.state}`, health.message, ...badges.map(({ title }) => title)]
          .join(' ')
          .trimEnd()}
      </title>
      <rect x={x} y={y} width={width} height={height} rx="7" />
      <circle cx={x + 14} cy={y + height / 2} r="4" />
      <text class="kind" x={x + 28} y={y + 20}>
        {name}
      </text>
      <text class="label" x={x + 28} y={y + 37}>
        {clipped(label)}
      </text>
      {badges.map((badge, i) => (
        <Pill key={badge.kind} badge={badge} x={x + 10 + i * 102} y={y + height - 5} />
      ))}
    </a>
  )
}

function Pill({ badge: { kind, text }, x, y }: { badge: Badge; x: number; y: number }) {
  return (
    <g class={`pill ${kind}`}>
      <rect x={x} y={y} width="98" height="17" rx="8.5" />
      <text x={x + 49} y={y + 12}>
        {text}
      </text>
    </g>
  )
}

function clipped(label: string): string {
  return label.length > 25 ? `${label.slice(0, 24)}…` : label
}
