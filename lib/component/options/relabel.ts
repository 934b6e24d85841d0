/** The `rule` block of the relabelling components as data, and the capsule in which they export their rules. */
import type { Capsule } from '../../alloy/value.ts'
import { blocks, capsule, list, nullable, optional, text, unsigned } from '../fields.ts'
import { compileRules, RELABEL_ACTIONS, RELABEL_DEFAULTS, type RelabelRule } from '../../formats/relabel.ts'

/** The type name of exported rules among the language's capsules; the data is a list of `RelabelRule`. */
export const RELABEL_RULES = 'relabel.Rules'

/** The fields of a `rule` block; its decoded options are a `RelabelRule`. */
export const relabelRuleFields = {
  source_labels: optional(
    nullable(list(text)),
    undefined,
    'Labels whose values are joined by the separator and matched against the regex.',
  ),
  separator: optional(text, RELABEL_DEFAULTS.separator, 'Put between the joined values.'),
  regex: optional(text, RELABEL_DEFAULTS.regex, 'RE2 pattern for the whole of the joined values.'),
  modulus: optional(unsigned, RELABEL_DEFAULTS.modulus, 'What the hash is divided by in "hashmod".'),
  target_label: optional(text, RELABEL_DEFAULTS.target_label, 'Label that is written; may hold $1.'),
  replacement: optional(
    text,
    RELABEL_DEFAULTS.replacement,
    'What is written; may hold $1. A label set to "" is removed.',
  ),
  action: optional(text, RELABEL_DEFAULTS.action, 'What to do with a match.', RELABEL_ACTIONS),
}

/** The `rule` blocks of a component; a rule that cannot work is a mistake of its block. */
export const relabelRuleBlocks = blocks(relabelRuleFields, 'Rules, applied in the order they are written.', {
  check: (rule) => void compileRules([rule]),
})

/** The exported value of rules. */
export function exportedRules(rules: readonly RelabelRule[]): Capsule {
  return { kind: 'capsule', type: RELABEL_RULES, data: rules }
}

/** For the argument `relabel_rules`: the `rules` export of a relabelling component, or nothing. */
export const relabelRules = nullable(capsule<readonly RelabelRule[]>(RELABEL_RULES))
