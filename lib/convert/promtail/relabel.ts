/** Promtail's relabelling rules become `rule` blocks. */
import { attribute, block, listAttribute, type Block } from './alloy-text.ts'
import { anchoredRegex, int, list, struct, text, texts, type Reader, type Value } from './read.ts'
import { isNull } from '../../go/yaml/tree.ts'

const actions = [
  ...['replace', 'keep', 'drop', 'keepequal', 'dropequal', 'hashmod', 'labelmap'],
  ...['labeldrop', 'labelkeep', 'lowercase', 'uppercase'],
]

const action: Reader<string> = {
  absent: 'replace',
  zero: '',
  read: (node, problems) => {
    const found = text().read(node, problems).toLowerCase()
    if (!actions.includes(found) && !isNull(node))
      problems.push({
        message: `there is no relabelling action "${found}"; it is one of ${actions.join(', ')}`,
        range: node.range,
      })
    return found
  },
}

const shape = {
  source_labels: texts(),
  separator: text(';'),
  regex: anchoredRegex('(.*)'),
  modulus: int(),
  target_label: text(),
  replacement: text('$1'),
  action,
}

/** The `relabel_configs` of a job. */
export const relabelConfigs = list(struct(shape))

export type RelabelConfig = Value<typeof shape>

/** One block for each rule. */
export function ruleBlocks(rules: readonly RelabelConfig[]): Block[] {
  return rules.map((rule) =>
    block('rule', [
      listAttribute('source_labels', rule.source_labels?.length === 0 ? undefined : rule.source_labels),
      attribute('separator', rule.separator, ';'),
      attribute('regex', rule.regex, '(.*)'),
      attribute('modulus', rule.modulus, 0),
      attribute('target_label', rule.target_label, ''),
      attribute('replacement', rule.replacement, '$1'),
      attribute('action', rule.action, 'replace'),
    ]),
  )
}
