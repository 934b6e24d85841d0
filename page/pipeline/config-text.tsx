/** The config that runs and its modules, without secrets and comments; each component leads to the graph and back. */
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { ConfigText } from '../../lib/page/component.ts'
import { follow, go, params, viewAddress } from '../location.ts'
import { askJson, messageOf } from '../server.ts'

export function ConfigTexts() {
  const texts = useSignal<readonly ConfigText[] | undefined>(undefined)
  const failed = useSignal('')
  const wanted = params.value.get('config')
  useSignalEffect(() => {
    if (params.value.get('config') === null) return
    askJson<readonly ConfigText[]>('api/v0/logstream/config').then(
      (found) => (texts.value = found),
      (error: unknown) => (failed.value = messageOf(error)),
    )
  })
  return (
    <details
      class="config"
      open={wanted !== null}
      onToggle={(event) => {
        const { open } = event.currentTarget
        if (open !== (wanted !== null)) go({ config: open ? 'all' : undefined }, true)
      }}
    >
      <summary>The config that runs</summary>
      {failed.value === '' ? null : <p class="mistake">{failed.value}</p>}
      {(texts.value ?? []).map((each) => (
        <Text key={each.name} of={each} />
      ))}
    </details>
  )
}

function Text({ of: { name, text, components } }: { of: ConfigText }) {
  const chosen = params.value.get('component')
  const here = params.value.get('config') === name
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    if (here) box.current!.querySelector('.here')?.scrollIntoView({ block: 'center' })
  }, [here, chosen])
  return (
    <figure ref={box}>
      <figcaption class="mono soft">{name}</figcaption>
      <ol>
        {text
          .trimEnd()
          .split('\n')
          .map((line, i) => {
            const declared = components.filter(({ line: at }) => at === i + 1).map(({ id }) => id)
            return (
              <li key={i} class={chosen !== null && declared.includes(chosen) ? 'here' : undefined}>
                <Line line={line} declared={declared} />
              </li>
            )
          })}
      </ol>
    </figure>
  )
}

// A module that is used twice declares two components in one line.
function Line({ line, declared }: { line: string; declared: readonly string[] }) {
  const [only] = declared
  if (only === undefined) return line
  if (declared.length === 1) return <Link id={only}>{line}</Link>
  return (
    <>
      {line}
      {declared.map((id) => (
        <small key={id}>
          <Link id={id}>{id}</Link>
        </small>
      ))}
    </>
  )
}

function Link({ id, children }: { id: string; children: string }) {
  return (
    <a href={viewAddress('pipeline', { component: id, config: 'all' })} onClick={follow}>
      {children}
    </a>
  )
}
