/** `discovery.relabel`: rules of Prometheus over targets instead of log entries. */
import type { Value } from '../../alloy/value.ts'
import { defineComponent } from '../../component/component.ts'
import { list, map, required, text } from '../../component/fields.ts'
import { exportedRules, relabelRuleBlocks } from '../../component/options/relabel.ts'
import { compileRules } from '../../formats/relabel.ts'

/** A pure function of its arguments: it has no `update`, so a change shows in the very plan that made it. */
export const discoveryRelabel = defineComponent({
  name: 'discovery.relabel',
  summary: 'Changes the labels of targets by rules, or drops targets by them.',
  fields: {
    targets: required(list(map(text)), 'Targets to relabel.'),
    rule: relabelRuleBlocks,
  },
  stability: 'generally-available',
  exports: {
    output: 'list(map(string)): the targets that are left',
    rules: 'capsule("relabel.Rules"): the rules, for relabel_rules of other components',
  },
  create: ({ targets, rule }) => {
    const relabel = compileRules(rule, { names: 'utf8' })
    const output: Value[] = []
    for (const target of targets) {
      const labels = new Map([...target].filter(([, value]) => value !== ''))
      if (relabel(labels) === 'keep') output.push(labels)
    }
    return {
      exports: new Map<string, Value>([
        ['output', output],
        ['rules', exportedRules(rule)],
      ]),
      status: () => ({ targets: targets.length, kept: output.length }),
    }
  },
})
