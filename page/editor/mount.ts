/** The LogQL editor itself. It's loaded after the page, since it's larger than all the rest. */
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
  completionStatus,
  startCompletion,
} from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, insertNewline } from '@codemirror/commands'
import { bracketMatching } from '@codemirror/language'
import { linter, type Diagnostic } from '@codemirror/lint'
import { EditorState } from '@codemirror/state'
import { EditorView, keymap, placeholder } from '@codemirror/view'
import { isMistake, treeOf } from '../logql/query.ts'
import { completer, type Vocabulary } from './complete.ts'
import { logqlMarks } from './logql-marks.ts'

export interface EditorOptions {
  readonly text: string
  readonly vocabulary: Vocabulary
  readonly onChange: (text: string) => void
  readonly onRun: () => void
}

export interface Editor {
  /** Puts another text in, unless it's that already. */
  set(text: string): void
  focus(): void
  destroy(): void
}

export function mountEditor(
  parent: HTMLElement,
  { text, vocabulary, onChange, onRun }: EditorOptions,
): Editor {
  const run = (): boolean => {
    onRun()
    return true
  }
  const view = new EditorView({
    parent,
    state: EditorState.create({
      doc: text,
      extensions: [
        EditorView.cspNonce.of(document.documentElement.dataset['nonce'] ?? ''),
        EditorView.contentAttributes.of({ 'aria-label': 'LogQL query', spellcheck: 'false' }),
        EditorView.lineWrapping,
        history(),
        closeBrackets(),
        bracketMatching(),
        logqlMarks,
        placeholder('{job="…"} |= "text"'),
        linter((editor) => mistakesIn(editor.state.doc.toString()), { delay: 250 }),
        autocompletion({ override: [completer(vocabulary)], icons: false, activateOnTyping: true }),
        keymap.of([
          { key: 'Tab', run: acceptCompletion },
          { key: 'Enter', run: (editor) => (completionStatus(editor.state) === 'active' ? false : run()) },
          { key: 'Mod-Enter', run },
          { key: 'Shift-Enter', run: insertNewline },
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...historyKeymap,
          ...defaultKeymap,
        ]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return
          onChange(update.state.doc.toString())
          // What may come next is shown where a label, a value or a stage begins.
          if (
            update.transactions.some((each) => each.isUserEvent('input')) &&
            /[{,=~|(]\s?$/.test(textBefore(update.view))
          )
            startCompletion(update.view)
        }),
      ],
    }),
  })
  return {
    set: (next) => {
      if (view.state.doc.toString() !== next)
        view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next } })
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  }
}

function textBefore({ state }: EditorView): string {
  const { head } = state.selection.main
  return state.sliceDoc(Math.max(0, head - 2), head)
}

function mistakesIn(text: string): Diagnostic[] {
  if (text.trim() === '') return []
  const tree = treeOf(text)
  if (!isMistake(tree)) return []
  const from = Math.min(tree.offset, text.length)
  return [{ from, to: Math.min(text.length, from + 1), severity: 'error', message: tree.message }]
}
