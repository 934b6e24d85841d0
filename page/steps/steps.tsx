/** What each stage did to an entry. */
import type { Step } from '../../lib/explain/step.ts'
import type { Change } from '../../lib/flow/snapshot.ts'
import { visible } from '../text/visible.ts'
import { Picture } from './picture.tsx'

export interface StepsProps {
  readonly steps: readonly Step[]
  /** Whether to show how far a failed expression got; `true` if left out. */
  readonly pictures?: boolean
}

export function Steps({ steps, pictures = true }: StepsProps) {
  return (
    <ol class="steps">
      {steps.map((step) => (
        <StepRow key={step.stage} step={step} pictures={pictures} />
      ))}
    </ol>
  )
}

function StepRow({ step, pictures }: { step: Step; pictures: boolean }) {
  const { stage, place, outcome, reason, parts, changes, selector = [], regex } = step
  const slash = stage.lastIndexOf('/')
  const depth = stage.split('/').length - 1
  const quiet = changes.length === 0 && outcome === 'passed' && parts === undefined && regex === undefined
  return (
    <li class={quiet ? 'step quiet' : 'step'} style={{ marginLeft: `${depth * 20}px` }}>
      <div class="step-head">
        <span class="mono">{visible(stage.slice(slash + 1))}</span>
        {outcome === 'passed' ? null : (
          <span class={outcome === 'dropped' ? 'chip bad' : 'chip warn'}>
            {outcome}
            {reason === undefined ? '' : `: ${visible(reason)}`}
          </span>
        )}
        {parts === undefined ? null : <span class="chip warn">became {parts} entries</span>}
        {place === undefined ? null : (
          <span class="soft mono place" title={visible(place)}>
            {visible(place.slice(place.lastIndexOf('/') + 1))}
          </span>
        )}
      </div>
      {selector.map(({ part, matched, found }) => (
        <div key={part} class="mono part">
          <span class={matched ? 'good' : 'bad'}>{matched ? 'matches' : 'fails'}</span> {visible(part)}
          {matched || found === undefined ? null : (
            <span class="soft"> the label is {JSON.stringify(visible(found))}</span>
          )}
        </div>
      ))}
      {regex === undefined ? null : pictures ? (
        <Picture miss={regex} />
      ) : (
        <div class="part">does not match</div>
      )}
      {changes.length === 0 ? null : (
        <ul class="changes">
          {changes.map((change) => (
            <ChangeRow key={`${change.of} ${change.name}`} change={change} />
          ))}
        </ul>
      )}
    </li>
  )
}

function ChangeRow({ change: { of, name, before, after } }: { change: Change }) {
  return (
    <li>
      <span class="soft">{of}</span>
      <span class="mono">
        {name === '' ? null : <b>{visible(name)}</b>}
        {before === undefined ? null : <del>{shown(before)}</del>}
        {after === undefined ? null : <ins>{shown(after)}</ins>}
      </span>
    </li>
  )
}

function shown(value: NonNullable<Change['after']> | null): string {
  if (value === '') return '""'
  return typeof value === 'string' ? visible(value) : String(value)
}
