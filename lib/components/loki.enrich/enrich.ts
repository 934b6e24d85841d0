/** `loki.enrich`: labels of a target are copied to the entries that name it. */
import { defineComponent, RECEIVER, type EntryFn, type Receiver } from '../../component/component.ts'
import {
  capsule,
  list,
  map,
  nullable,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import type { LabelSet } from '../../flow/labels.ts'
import { liftEntryFn } from '../../component/stage.ts'
import { oneStage } from '../../component/stage-stream.ts'

const fields = {
  targets: required(list(map(text)), 'Targets with labels to copy, as discovery components export them.'),
  target_match_label: required(text, 'Label of a target that is looked for.'),
  logs_match_label: optional(text, '', 'Label of an entry that must equal it; "": the same name.'),
  labels_to_copy: optional(nullable(list(text)), undefined, 'Labels to copy; none: all of the target.'),
  forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of all entries.'),
}

type EnrichArguments = OptionsOf<typeof fields>

/** Of several targets with one value the last one counts. Entries without a target pass as they are. */
export const lokiEnrich = defineComponent({
  name: 'loki.enrich',
  summary: 'Copies labels of discovered targets to the log entries that match them.',
  fields,
  stability: 'experimental',
  exports: { receiver: 'Takes entries to be enriched.' },
  create: (options, ctx) => {
    let enrich = enricher(options)
    let targets = options.targets.length
    const stage = liftEntryFn((entry) => enrich(entry))
    const stream = oneStage('loki.enrich', stage, ctx)
    return {
      input: stream,
      output: stream,
      update: (changed) => {
        enrich = enricher(changed)
        targets = changed.targets.length
        return true
      },
      status: () => ({ targets }),
    }
  },
})

type Pairs = readonly (readonly [string, string])[]

function enricher(options: EnrichArguments): EntryFn {
  const { target_match_label: key, labels_to_copy: copied = [] } = options
  const matched = options.logs_match_label === '' ? key : options.logs_match_label
  const byValue = new Map<string, Pairs>()
  for (const target of options.targets) {
    const value = target.get(key)
    if (value === undefined || value === '') continue
    const names =
      copied.length === 0 ? [...target.keys()] : copied.filter((name) => (target.get(name) ?? '') !== '')
    byValue.set(
      value,
      names.map((name) => [name, target.get(name)!]),
    )
  }
  // Entries of one stream come in runs.
  let last: LabelSet | undefined
  let result: LabelSet | undefined
  return (entry) => {
    if (entry.labels !== last || result === undefined) {
      last = entry.labels
      result = withPairs(last, byValue.get(last.get(matched) ?? ''))
    }
    entry.labels = result
    return undefined
  }
}

function withPairs(labels: LabelSet, pairs: Pairs = []): LabelSet {
  let enriched = labels
  for (const [name, value] of pairs) enriched = enriched.with(name, value)
  return enriched
}
