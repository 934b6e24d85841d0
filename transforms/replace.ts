/** `stage.replace`: replaces the capture groups of a regular expression with the result of a Go template. */
import type { EntryFn, EntryStage, Kernel } from '../lib/component/component.ts'
import { LogstreamError } from '../lib/errors.ts'
import { shapeOf, textOf } from '../lib/flow/extracted.ts'
import { RowValues } from '../lib/flow/row-values.ts'
import { optional, required, text } from '../lib/component/fields.ts'
import { patternOption } from '../lib/component/options/pattern.ts'
import { defineStage } from '../lib/component/stage-stream.ts'
import { ExtractedData, render, templateOption, type NamedValues } from '../lib/component/options/template.ts'
import type { Template } from '../lib/go/template/gotemplate.ts'
import type { Regexp } from '../lib/go/regexp/regexp.ts'

/**
 * Only groups are replaced, in every match; without groups nothing changes. The template runs once per group, which
 * is its `.Value`, and sees the extracted values; `$1` has no meaning. Groups inside a replaced group are not replaced. Named groups of the first match are extracted, with the replaced text.
 *
 * @example
 * replace({ expression: 'password=(\\S+)', replace: '***' })
 */
export const replace = defineStage({
  name: 'replace',
  summary: 'Replaces what the groups of a regular expression (RE2) capture.',
  fields: {
    expression: required(text, 'RE2 expression with at least one group, not anchored.'),
    source: optional(text, '', 'Extracted value to change; left out: the line.'),
    replace: optional(text, '', 'Go template of the new text; left out: the captured text is deleted.'),
  },
  explain: { pattern: ({ expression, source }) => ({ expression, source }) },
  create: ({ expression, source, replace: body }, ctx): EntryFn | EntryStage => {
    if (expression === '')
      throw new LogstreamError('BAD_REGEX', 'expected a regular expression, found ""', {
        option: 'expression',
      })
    const pattern = patternOption('expression', expression)
    const groups = new GroupReplacer(pattern, templateOption('replace', body, ctx, 'string'))
    const named = namedGroups(pattern)
    const each: EntryFn = (entry) => {
      const { extracted } = entry
      const subject = source === '' ? entry.line : textOf(extracted.get(source))
      if (subject === undefined) return undefined
      const spans = pattern.findAllIndex(subject)
      if (spans.length === 0) return undefined
      const replaced = groups.run(subject, spans, extracted)
      if (replaced === undefined) return undefined
      if (source === '') entry.line = replaced.text
      else extracted.set(source, replaced.text)
      for (let i = 0; i < named.length; i++) {
        const { name, group } = named[i]!
        const value = replaced.byCapture.get(captured(subject, spans[0]!, group) ?? '')
        if (value !== undefined) extracted.set(name, value)
      }
      return undefined
    }
    return named.length > 0 ? each : { each, kernel: kernelOf(pattern, groups, source) }
  },
})

// For patterns without names, which extract nothing more.
function kernelOf(pattern: Regexp, groups: GroupReplacer, source: string): Kernel {
  const values = new RowValues()
  const shape = shapeOf([source])
  return (columns) => {
    const { rows, count } = columns
    const cells = source === '' ? undefined : columns.newCells(shape)
    values.begin(columns)
    for (let i = 0; i < count; i++) {
      const row = (values.row = rows[i]!)
      const subject = cells === undefined ? values.line : textOf(values.get(source))
      const spans = subject === undefined ? [] : pattern.findAllIndex(subject)
      const replaced = spans.length === 0 ? undefined : groups.run(subject!, spans, values)
      if (replaced === undefined) continue
      if (cells === undefined) columns.setLine(row, replaced.text)
      else cells.fill(row, [replaced.text])
    }
    if (cells !== undefined) columns.addLayer(cells)
  }
}

function namedGroups({ groupNames }: Regexp): { name: string; group: number }[] {
  const named: { name: string; group: number }[] = []
  for (const [group, name] of groupNames.entries())
    if (group > 0 && name !== undefined) named.push({ name, group })
  return named
}

function captured(subject: string, spans: readonly number[], group: number): string | undefined {
  const start = spans[group * 2]!
  return start < 0 ? undefined : subject.slice(start, spans[group * 2 + 1])
}

interface Replaced {
  readonly text: string
  /** The new text of each captured one; of equal ones the last. */
  readonly byCapture: ReadonlyMap<string, string>
}

class GroupReplacer {
  readonly #groups: number
  readonly #template: Template
  readonly #data = new ExtractedData()

  constructor(pattern: Regexp, template: Template) {
    this.#groups = pattern.groupNames.length
    this.#template = template
  }

  /** `undefined` where the template fails. */
  run(
    subject: string,
    matches: readonly (readonly number[])[],
    extracted: NamedValues,
  ): Replaced | undefined {
    const byCapture = new Map<string, string>()
    let text = ''
    let end = 0
    for (const spans of matches)
      for (let group = 1; group < this.#groups; group++) {
        const capture = captured(subject, spans, group)
        if (capture === undefined) continue
        const result = render(this.#template, this.#data.of(extracted, capture))
        if (result === undefined) return undefined
        const start = spans[group * 2]!
        if (end <= start) {
          text += subject.slice(end, start) + result
          end = spans[group * 2 + 1]!
        }
        byCapture.set(capture, result)
      }
    return { text: text + subject.slice(end), byCapture }
  }
}
