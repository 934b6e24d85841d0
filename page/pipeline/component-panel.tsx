/** One component: how it is and since when, what it was given, what it gives others, what it has counted. */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Described } from '../../lib/admin/describe.ts'
import type { ComponentStory, CounterFamily } from '../../lib/page/component.ts'
import type { ComponentStatus } from '../../lib/page/status.ts'
import { follow, viewAddress } from '../location.ts'
import { ago, grouped, short } from '../numbers.ts'
import { Icon } from '../parts/icon.tsx'
import { askJson, messageOf } from '../server.ts'
import { rates, status } from '../status.ts'
import { Endpoints } from '../parts/endpoints.tsx'
import { Arguments } from './arguments.tsx'
import { Past, Problems } from './story.tsx'
import { StageTable, stagesIn } from './stage-table.tsx'

/** The part of Alloy's answer that is shown. */
interface Details {
  readonly arguments: readonly Described[]
  readonly exports: readonly Described[]
  readonly debugInfo: unknown
}

/** Counters shown before all of them are asked for. */
const SHOWN = 8

interface Known {
  readonly details: Details
  readonly story: ComponentStory
  /** Of the counters before, to tell how fast they grow. */
  readonly before: ReadonlyMap<string, number>
  readonly seconds: number
  readonly at: number
}

export function ComponentPanel({ fullId }: { fullId: string }) {
  const known = useSignal<Known | undefined>(undefined)
  const failed = useSignal('')
  useSignalEffect(() => {
    // With every answer of the process, this one is asked again.
    void status.value
    askComponent(fullId, known.peek()).then(
      (found) => {
        known.value = found
        failed.value = ''
      },
      (error: unknown) => (failed.value = messageOf(error)),
    )
  })
  const box = useRef<HTMLElement>(null)
  // Where there's no room beside the graph it comes after the lists.
  useEffect(() => box.current!.scrollIntoView({ block: 'nearest' }), [])
  const component = status.value?.components.find((each) => each.fullId === fullId)
  return (
    <aside ref={box} class="component" aria-label={`Component ${fullId}`}>
      <header>
        <h2 class="mono">{fullId}</h2>
        <a class="button" href={viewAddress('pipeline')} onClick={follow} aria-label="Close">
          <Icon name="close" />
        </a>
      </header>
      {component === undefined ? (
        <p class="soft">The config that runs has no such component.</p>
      ) : (
        <Health component={component} place={known.value?.story.place} />
      )}
      {failed.value === '' || component === undefined ? null : <p class="mistake">{failed.value}</p>}
      {known.value === undefined || component === undefined ? null : (
        <Parts known={known.value} component={component} />
      )}
    </aside>
  )
}

interface HealthProps {
  readonly component: ComponentStatus
  readonly place: ComponentStory['place']
}

function Health({ component: { fullId, name, health, forwardTo }, place }: HealthProps) {
  return (
    <dl class="facts">
      <dt>Kind</dt>
      <dd class="mono">{name}</dd>
      {place === undefined ? null : (
        <>
          <dt>Declared</dt>
          <dd>
            <a
              class="mono"
              href={viewAddress('pipeline', { component: fullId, config: place.name })}
              onClick={follow}
            >
              {place.name}:{place.line}
            </a>
          </dd>
        </>
      )}
      <dt>Health</dt>
      <dd>
        <span class={health.state}>{health.state}</span>
        <span class="soft"> for {ago((Date.now() - health.since) / 1000)}</span>
        {health.message === '' ? null : <div>{health.message}</div>}
      </dd>
      {forwardTo.length === 0 ? null : (
        <>
          <dt>Hands on</dt>
          <dd>
            {short(rates.value.get(fullId) ?? 0)} entries a second (
            <a href={viewAddress('tap', { component: fullId })} onClick={follow}>
              look at them
            </a>
            ) to
            {forwardTo.map((to) => (
              <div key={to}>
                <a class="mono" href={viewAddress('pipeline', { component: to })} onClick={follow}>
                  {to}
                </a>
              </div>
            ))}
          </dd>
        </>
      )}
    </dl>
  )
}

function Parts({ known, component }: { known: Known; component: ComponentStatus }) {
  const { details, story } = known
  return (
    <>
      <Problems story={story} />
      {component.endpoints.length > 0 ? (
        <section>
          <h3>Delivery</h3>
          <Endpoints endpoints={component.endpoints} />
        </section>
      ) : (
        <Status of={details.debugInfo} />
      )}
      <Counters known={known} staged={stagesIn(details.debugInfo) !== undefined} />
      {details.arguments.length === 0 ? null : (
        <section>
          <h3>Arguments</h3>
          <Arguments body={details.arguments} />
        </section>
      )}
      {details.exports.length === 0 ? null : (
        <section>
          <h3>Exports</h3>
          <Arguments body={details.exports} />
        </section>
      )}
      <Past story={story} />
    </>
  )
}

function Status({ of }: { of: unknown }) {
  if (of === null || of === undefined) return null
  const stages = stagesIn(of)
  return stages === undefined ? (
    <section>
      <h3>Now</h3>
      <pre>{JSON.stringify(of, undefined, 2)}</pre>
    </section>
  ) : (
    <StageTable stages={stages} />
  )
}

function Counters({ known: { story, before, seconds }, staged }: { known: Known; staged: boolean }) {
  const all = useSignal(false)
  const rows = story.counters.flatMap((family) =>
    family.samples.map((sample) => ({ family, sample, key: keyOf(family, sample.labels) })),
  )
  // Counters at 0 say little, and health and stages are shown above; the full list is at /metrics.
  const counted = rows.filter(
    ({ family, sample }) =>
      sample.value !== 0 &&
      !family.name.startsWith('logstream_component_health') &&
      !(staged && family.name.startsWith('logstream_stage_')),
  )
  if (counted.length === 0) return null
  const shown = all.value ? counted : counted.slice(0, SHOWN)
  return (
    <section>
      <h3>Counted</h3>
      <table>
        <tbody>
          {shown.map(({ family, sample, key }) => (
            <tr key={key} title={family.help}>
              <td>
                <span class="mono">{family.name}</span>
                {Object.entries(sample.labels).map(([name, value]) => (
                  <span key={name} class="soft mono">
                    {' '}
                    {name}={value}
                  </span>
                ))}
              </td>
              <td class="number">{grouped(sample.value)}</td>
              <td class="number soft">
                {family.type === 'counter' && before.has(key)
                  ? `${short(Math.max(0, sample.value - before.get(key)!) / seconds)}/s`
                  : ''}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {counted.length > SHOWN ? (
        <button type="button" class="tiny quiet" onClick={() => (all.value = !all.value)}>
          {all.value ? 'Fewer' : `All ${counted.length}`}
        </button>
      ) : null}
    </section>
  )
}

async function askComponent(fullId: string, last: Known | undefined): Promise<Known> {
  const path = fullId.split('/').map(encodeURIComponent).join('/')
  const [details, story] = await Promise.all([
    askJson<Details>(`api/v0/web/components/${path}`),
    askJson<ComponentStory>(`api/v0/logstream/components/${path}`),
  ])
  const at = performance.now()
  const before = new Map(
    (last?.story.counters ?? []).flatMap((family) =>
      family.samples.map(({ labels, value }) => [keyOf(family, labels), value] as const),
    ),
  )
  return {
    details,
    story,
    before,
    at,
    seconds: last === undefined ? 1 : Math.max(0.1, (at - last.at) / 1000),
  }
}

function keyOf({ name }: CounterFamily, labels: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, labels])
}
