/** What may come next in a query: names and values out of the store, functions and parsers out of the grammar. */
import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete'
import { rangeFunctions } from '../../lib/logql/metrics/range-functions.ts'
import { vectorFunctions } from '../../lib/logql/metrics/vector-functions.ts'
import type { Token } from '../../lib/logql/syntax/scanner.ts'
import { scanned } from './logql-marks.ts'

/** Where names and values come from. Nothing rejects: what can't be had is an empty list. */
export interface Vocabulary {
  labels(): Promise<readonly string[]>
  values(label: string, selector: string): Promise<readonly string[]>
  fields(selector: string): Promise<readonly string[]>
}

const OPERATORS = new Set(['=', '!=', '=~', '!~'])

const FUNCTIONS: readonly Completion[] = [
  ...Object.keys(rangeFunctions).map((name) => ({
    label: name,
    type: 'function',
    detail: 'over a range',
    apply: `${name}(`,
  })),
  ...Object.keys(vectorFunctions).map((name) => ({
    label: name,
    type: 'function',
    detail: 'of series',
    apply: `${name}(`,
  })),
]

const stage = (label: string, detail: string, apply = label): Completion => ({
  label,
  detail,
  type: 'keyword',
  apply,
})

const STAGES: readonly Completion[] = [
  stage('json', 'fields of JSON lines'),
  stage('logfmt', 'fields of key=value lines'),
  stage('regexp', 'fields by named groups', 'regexp `'),
  stage('pattern', 'fields by a pattern', 'pattern `'),
  stage('unpack', 'lines packed by the agent'),
  stage('line_format', 'another line', 'line_format `'),
  stage('label_format', 'another label', 'label_format '),
  stage('decolorize', 'without colours'),
  stage('drop', 'labels', 'drop '),
  stage('keep', 'labels', 'keep '),
  stage('unwrap', 'a number to count with', 'unwrap '),
]

/** The source of completions for the editor. */
export function completer(vocabulary: Vocabulary) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const before = context.state.sliceDoc(0, context.pos)
    const { tokens, end } = scanned(before)
    const all = tokens.filter(({ kind }) => kind !== 'end')
    const open = end < before.length && /["`]/.test(before[end]!)
    if (open) return await valuesIn(vocabulary, before, all, end + 1)
    const word = /[A-Za-z_][\w]*$/.exec(before)?.[0] ?? ''
    const from = context.pos - word.length
    const left = word === '' ? all : all.slice(0, -1)
    const last = left.at(-1)
    if (insideBraces(left)) return await inSelector(vocabulary, before, left, { from, word, context })
    if (last?.kind === 'mark' && ['|', '|='].includes(last.text)) {
      const fields = await vocabulary.fields(selectorBefore(before, left))
      return {
        from,
        options: [...STAGES, ...fields.map((label) => ({ label, type: 'property', detail: 'field' }))],
        validFor: /^\w*$/,
      }
    }
    if (insideGrouping(left)) return { from, options: named(await vocabulary.labels()), validFor: /^\w*$/ }
    const begins = last === undefined || (last.kind === 'mark' && /^[(,+\-*/%^]$/.test(last.text))
    if (begins && (word !== '' || context.explicit))
      return { from, options: [...FUNCTIONS], validFor: /^\w*$/ }
    return null
  }
}

interface Place {
  readonly from: number
  readonly word: string
  readonly context: CompletionContext
}

async function inSelector(
  vocabulary: Vocabulary,
  before: string,
  left: readonly Token[],
  { from, word, context }: Place,
): Promise<CompletionResult | null> {
  const last = left.at(-1)!
  if (last.kind === 'mark' && OPERATORS.has(last.text)) {
    const label = left.at(-2)?.text ?? ''
    const values = await vocabulary.values(label, otherMatchers(before, left))
    return {
      from,
      options: values.map((value) => ({ label: value, type: 'text', apply: JSON.stringify(value) })),
    }
  }
  if (last.kind === 'mark' && (last.text === '{' || last.text === ','))
    return {
      from,
      options: named(await vocabulary.labels()).map((each) => ({ ...each, apply: `${each.label}=` })),
      validFor: /^\w*$/,
    }
  if (last.kind === 'name' && (word === '' ? context.explicit : false))
    return { from, options: [...OPERATORS].map((label) => ({ label, type: 'operator' })) }
  return null
}

// `from` is just after the opening quote.
async function valuesIn(
  vocabulary: Vocabulary,
  before: string,
  all: readonly Token[],
  from: number,
): Promise<CompletionResult | null> {
  const operator = all.at(-1)
  if (!insideBraces(all) || operator === undefined || !OPERATORS.has(operator.text)) return null
  const values = await vocabulary.values(all.at(-2)?.text ?? '', otherMatchers(before, all))
  const quote = before[from - 1]!
  const escaped = (value: string): string => (quote === '"' ? JSON.stringify(value).slice(1, -1) : value)
  return {
    from,
    options: values.map((value) => ({
      label: value,
      type: 'text',
      apply: (view, _completion, start, to) => {
        const closed = view.state.sliceDoc(to, to + 1) === quote
        const insert = `${escaped(value)}${closed ? '' : quote}`
        view.dispatch({
          changes: { from: start, to, insert },
          selection: { anchor: start + insert.length + (closed ? 1 : 0) },
        })
      },
    })),
    validFor: /^[^"`]*$/,
  }
}

function named(names: readonly string[]): Completion[] {
  return names.map((label) => ({ label, type: 'property' }))
}

function insideBraces(tokens: readonly Token[]): boolean {
  const last = tokens.findLast(({ kind, text }) => kind === 'mark' && (text === '{' || text === '}'))
  return last?.text === '{'
}

function insideGrouping(tokens: readonly Token[]): boolean {
  const open = tokens.findLastIndex(({ kind, text }) => kind === 'mark' && (text === '(' || text === ')'))
  const word = tokens[open - 1]
  return (
    open > 0 &&
    tokens[open]!.text === '(' &&
    word!.kind === 'keyword' &&
    ['by', 'without', 'on', 'ignoring'].includes(word!.text)
  )
}

/** The selector that the stages belong to. */
function selectorBefore(text: string, tokens: readonly Token[]): string {
  const open = tokens.findLast(({ kind, text: mark }) => kind === 'mark' && mark === '{')
  const close = tokens.findLast(({ kind, text: mark }) => kind === 'mark' && mark === '}')
  return open === undefined || close === undefined ? '' : text.slice(open.start, close.end)
}

/** The matchers that are finished, so that only values that go with them are offered. */
function otherMatchers(text: string, tokens: readonly Token[]): string {
  const open = tokens.findLastIndex(({ kind, text: mark }) => kind === 'mark' && mark === '{')
  const comma = tokens.findLastIndex(({ kind, text: mark }) => kind === 'mark' && mark === ',')
  return comma > open ? `${text.slice(tokens[open]!.start, tokens[comma]!.start)}}` : ''
}
