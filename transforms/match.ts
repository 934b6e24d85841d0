/** `stage.match`: entries that a selector picks go through stages of their own, or are dropped. */
import type { EntryStage, Kernel, Stage } from '../lib/component/component.ts'
import type { Columns } from '../lib/flow/columns.ts'
import type { Entry } from '../lib/flow/entry.ts'
import { optional, required, stages, text } from '../lib/component/fields.ts'
import { badOption } from '../lib/component/options/pattern.ts'
import { defineNestingStage } from '../lib/component/stage-stream.ts'
import { dropCounter } from '../lib/component/stage.ts'
import { compileSelector, type CompiledSelector } from '../lib/formats/selector.ts'

/**
 * The selector sees labels and the line, never extracted values. Entries that it does not pick pass by unchanged,
 * and the order of all entries is kept (in Alloy they may overtake). What the inner stages extract stays visible
 * after this stage.
 *
 * @example
 * match({ selector: '{app="shop"} |= "error"' }, [static_labels({ values: { level: 'error' } })])
 */
export const match = defineNestingStage({
  name: 'match',
  summary: 'Runs stages on the entries that a selector picks, or drops them.',
  fields: {
    selector: required(text, 'Labels and line filters: {app="shop"} |= "text".'),
    stage: stages('Stages for the entries that are picked.'),
    action: optional(text, '', 'What happens to them: "keep" (default) runs the stages, "drop" drops.', [
      '',
      'keep',
      'drop',
    ]),
    pipeline_name: optional(text, '', 'Accepted and ignored.'),
    drop_counter_reason: optional(text, '', 'Reason under which drops are counted; left out: "match_stage".'),
  },
  explain: {
    selection: ({ selector, stage }) => ({ selector, stages: stage }),
  },
  create: (options, ctx): EntryStage | Stage => {
    if (options.selector === '')
      throw badOption('selector', 'expected a selector such as {app="shop"}, found ""')
    const selector = compileSelector(options.selector)
    if (options.action === 'drop') {
      if (options.stage.length > 0)
        throw badOption('action', 'action "drop" leaves nothing for inner stages: remove them or use "keep"')
      const drop = dropCounter(ctx, options.drop_counter_reason || 'match_stage')
      return {
        each: (entry) => (matches(selector, entry) ? drop() : undefined),
        kernel: (columns) => {
          const selected = rowTest(selector, columns)
          columns.filter((row) => {
            const stays = !selected(row)
            if (!stays) ctx.drop(columns.ackOf(row), drop())
            return stays
          })
        },
      }
    }
    if (options.stage.length === 0)
      throw badOption('stage', 'action "keep" does nothing without inner stages: add at least one')
    return matchStage(selector, ctx.stages(options.stage))
  },
})

function matchStage(selector: CompiledSelector, inner: Stage): Stage {
  return {
    run: (entries) => {
      if (entries.length === 0) return entries
      const first = matches(selector, entries[0]!)
      const end = runEnd(selector, entries, 1, first)
      if (end < entries.length) return runByRun(selector, inner, entries, 0, [])
      return first ? inner.run(begin(entries)) : entries
    },
    kernel: inner.kernel && kernelOf(selector, inner.kernel),
    flush: inner.flush?.bind(inner),
    dueAt: inner.dueAt?.bind(inner),
    tick: inner.tick?.bind(inner),
    close: inner.close?.bind(inner),
  }
}

function kernelOf(selector: CompiledSelector, inner: Kernel): Kernel {
  return (columns) => {
    const { rows, count } = columns
    const selected = rowTest(selector, columns)
    const picked = columns.ints()
    let n = 0
    for (let i = 0; i < count; i++) if (selected(rows[i]!)) picked[n++] = rows[i]!
    if (n === 0) return
    columns.within(picked, n, () => {
      columns.extractLabels()
      inner(columns)
    })
  }
}

// A line that is bytes becomes a string only if the labels don't decide already.
function matches(selector: CompiledSelector, entry: Entry): boolean {
  return (
    selector.matchesLabels(entry.labels) &&
    (selector.matchesLine === undefined || selector.matchesLine(entry.line))
  )
}

/** As `matches`, by row; the labels are asked once for each set. */
function rowTest(selector: CompiledSelector, columns: Columns): (row: number) => boolean {
  const { set } = columns
  const { matchesLine } = selector
  // Optimized code and V8's own `map` return arrays of two kinds, and code compiled for one is thrown away for the other.
  const bySet: boolean[] = []
  for (const labels of columns.sets) bySet.push(selector.matchesLabels(labels))
  if (matchesLine === undefined) return (row) => bySet[set[row]!]!
  return (row) => bySet[set[row]!]! && matchesLine(columns.line(row))
}

// Alloy fills in the labels again where a pipeline begins, over extracted values of the same name.
function begin(entries: Entry[]): Entry[] {
  for (let i = 0; i < entries.length; i++) {
    const entry = entries[i]!
    entry.extracted.setLabels(entry.labels)
  }
  return entries
}

/** Where the entries end that are all picked, or all not, from `at` on. */
function runEnd(selector: CompiledSelector, entries: readonly Entry[], at: number, picked: boolean): number {
  let end = at
  while (end < entries.length && matches(selector, entries[end]!) === picked) end++
  return end
}

// A batch of both kinds: each run of picked entries goes through the stages before what follows is looked at.
function runByRun(
  selector: CompiledSelector,
  inner: Stage,
  entries: readonly Entry[],
  from: number,
  out: Entry[],
): Entry[] | Promise<Entry[]> {
  let start = from
  while (start < entries.length) {
    const picked = matches(selector, entries[start]!)
    const end = runEnd(selector, entries, start + 1, picked)
    const part = entries.slice(start, end)
    const done = picked ? inner.run(begin(part)) : part
    if (done instanceof Promise)
      return done.then((passed) => {
        for (const entry of passed) out.push(entry)
        return runByRun(selector, inner, entries, end, out)
      })
    for (const entry of done) out.push(entry)
    start = end
  }
  return out
}
