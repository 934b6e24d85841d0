/** The config that runs, without its secrets and comments; each component leads to the graph. */
import { useSignal } from '@preact/signals'
import type { ConfigText } from '../../lib/page/component.ts'
import { follow, viewAddress } from '../location.ts'
import { askJson, messageOf } from '../server.ts'
import { status } from '../status.ts'

export function ConfigTexts() {
  const texts = useSignal<readonly ConfigText[] | undefined>(undefined)
  const failed = useSignal('')
  const load = (): void => {
    askJson<readonly ConfigText[]>('api/v0/logstream/config').then(
      (found) => (texts.value = found),
      (error: unknown) => (failed.value = messageOf(error)),
    )
  }
  return (
    <details
      class="config"
      onToggle={(event) => {
        if (event.currentTarget.open) load()
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

function Text({ of: { name, text, blocks } }: { of: ConfigText }) {
  const known = new Set(status.value?.components.map(({ fullId }) => fullId))
  const links = new Map(blocks.filter(({ id }) => known.has(id)).map(({ id, line }) => [line, id]))
  return (
    <figure>
      <figcaption class="mono soft">{name}</figcaption>
      <ol>
        {text
          .trimEnd()
          .split('\n')
          .map((line, i) => {
            const id = links.get(i + 1)
            return (
              <li key={i}>
                {id === undefined ? (
                  line
                ) : (
                  <a href={viewAddress('pipeline', { component: id })} onClick={follow}>
                    {line}
                  </a>
                )}
              </li>
            )
          })}
      </ol>
    </figure>
  )
}
