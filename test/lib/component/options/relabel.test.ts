import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { relabelRuleFields } from '../../../../lib/component/options/relabel.ts'
import { compileRules, RELABEL_DEFAULTS, type RelabelRule } from '../../../../lib/formats/relabel.ts'

void t.test('an empty rule block decodes to the defaults', async (t) => {
  const options: RelabelRule = decodeInput('rule', relabelRuleFields, {})
  t.strictSame(options, RELABEL_DEFAULTS)
})

void t.test('a decoded rule compiles', async (t) => {
  const rule = decodeInput('rule', relabelRuleFields, { source_labels: ['a'], target_label: 'b' })
  const labels = new Map([['a', '1']])
  t.equal(compileRules([rule])(labels), 'keep')
  t.strictSame(
    [...labels],
    [
      ['a', '1'],
      ['b', '1'],
    ],
  )
  t.throws(() => decodeInput('rule', relabelRuleFields, { action: 'repalce' }), /did you mean "replace"/)
})
