/** Where a query is written: a plain field until the editor is loaded, and what is wrong with the text below it. */
import { useSignal, useSignalEffect, type Signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { isMistake, treeOf } from '../logql/query.ts'
import type { Vocabulary } from './complete.ts'
import type { Editor } from './mount.ts'

export interface QueryEditorProps {
  readonly text: Signal<string>
  readonly vocabulary: Vocabulary
  readonly onRun: () => void
}

export function QueryEditor({ text, vocabulary, onRun }: QueryEditorProps) {
  const box = useRef<HTMLDivElement>(null)
  const editor = useSignal<Editor | undefined>(undefined)
  useEffect(() => {
    let gone = false
    void import('./mount.ts').then(({ mountEditor }) => {
      if (gone) return
      editor.value = mountEditor(box.current!, {
        text: text.value,
        vocabulary,
        onChange: (next) => (text.value = next),
        onRun,
      })
    })
    return () => {
      gone = true
      editor.peek()?.destroy()
    }
  }, [])
  useSignalEffect(() => editor.value?.set(text.value))
  // "/" goes to the query from anywhere that isn't typed into.
  useEffect(() => {
    const toQuery = (event: KeyboardEvent): void => {
      const at = event.target as HTMLElement
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      if (at.isContentEditable || /^(?:input|textarea|select)$/i.test(at.tagName)) return
      event.preventDefault()
      box.current?.querySelector<HTMLElement>('.cm-content, input')?.focus()
    }
    addEventListener('keydown', toQuery)
    return () => removeEventListener('keydown', toQuery)
  }, [])
  return (
    <div class="query">
      <div class="query-box" ref={box}>
        {editor.value !== undefined ? null : (
          <input
            class="query-plain"
            aria-label="LogQL query"
            spellcheck={false}
            value={text.value}
            onInput={(event) => (text.value = event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter') onRun()
            }}
          />
        )}
      </div>
      <MistakeLine text={text.value} />
    </div>
  )
}

/** The line of the mistake with a caret under the place. */
function MistakeLine({ text }: { text: string }) {
  if (text.trim() === '') return null
  const tree = treeOf(text)
  if (!isMistake(tree)) return null
  const before = text.slice(0, tree.offset)
  const line = before.split('\n').length
  const column = before.length - before.lastIndexOf('\n')
  return (
    <p class="mistake" role="status">
      <span class="mono">
        {line > 1 ? `${line}:` : ''}
        {column}
      </span>{' '}
      {tree.message}
    </p>
  )
}
