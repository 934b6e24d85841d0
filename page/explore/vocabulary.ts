/** Names and values for the editor's completions, out of the source that is asked; kept for a minute. */
import type { Vocabulary } from '../editor/complete.ts'
import { asked, source } from './asked.ts'
import { askFields, askWords } from './loki.ts'
import { rangeOf } from './times.ts'

const KEEP_MS = 60_000

const known = new Map<string, { readonly at: number; readonly words: Promise<readonly string[]> }>()

export const vocabulary: Vocabulary = {
  labels: () => kept('labels', (at, range) => askWords(at, 'labels', range)),
  values: (label, selector) =>
    label === ''
      ? Promise.resolve([])
      : kept(`values ${label} ${selector}`, (at, range) =>
          askWords(
            at,
            `label/${encodeURIComponent(label)}/values`,
            range,
            selector === '' ? undefined : selector,
          ),
        ),
  fields: (selector) =>
    selector === ''
      ? Promise.resolve([])
      : kept(`fields ${selector}`, (at, range) => askFields(at, selector, range)),
}

type Asking = (
  at: NonNullable<typeof source.value>,
  range: ReturnType<typeof rangeOf>,
) => Promise<readonly string[]>

function kept(key: string, ask: Asking): Promise<readonly string[]> {
  const at = source.value
  if (at === undefined) return Promise.resolve([])
  const { from, to } = asked.value
  const whole = `${at.path} ${from} ${to} ${key}`
  const found = known.get(whole)
  if (found !== undefined && Date.now() - found.at < KEEP_MS) return found.words
  if (known.size > 200) known.clear()
  const words = ask(at, rangeOf(from, to, Date.now())).catch(() => [])
  known.set(whole, { at: Date.now(), words })
  return words
}
