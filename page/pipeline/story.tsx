/** What a component has been through: its last warnings and errors, and the states it was in. */
import type { ComponentStory } from '../../lib/page/component.ts'
import { ago, clock, grouped } from '../numbers.ts'
import { visible } from '../text/visible.ts'

export function Problems({ story: { problems } }: { story: ComponentStory }) {
  if (problems.length === 0) return null
  return (
    <section>
      <h3>Warnings and errors</h3>
      <ol class="past">
        {problems.map(({ at, level, message, fields, times }) => (
          <li key={`${at} ${message}`}>
            <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>{' '}
            <strong class={level === 'error' ? 'bad' : 'warn'}>
              {level === 'error' ? 'error' : 'warning'}
            </strong>{' '}
            {visible(message)}
            {times > 1 ? <span class="soft"> ({grouped(times)} times)</span> : null}
            {Object.entries(fields)
              .filter(([, value]) => value !== '')
              .map(([name, value]) => (
                <div key={name} class="mono soft">
                  {name}={visible(value)}
                </div>
              ))}
          </li>
        ))}
      </ol>
    </section>
  )
}

/** The states before the present one, each with how long it lasted. */
export function Past({ story: { changes } }: { story: ComponentStory }) {
  if (changes.length < 2) return null
  return (
    <section>
      <h3>Health until now</h3>
      <ol class="past">
        {changes.map(({ at, state, message }, i) => {
          const until = changes[i - 1]?.at ?? Date.now()
          return (
            <li key={at}>
              <time dateTime={new Date(at).toISOString()}>{clock(at)}</time>{' '}
              <span class={state}>{state}</span> for {ago((until - at) / 1000)}
              {message === '' ? null : <div>{visible(message)}</div>}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
