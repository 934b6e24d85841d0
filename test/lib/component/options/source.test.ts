/** Arguments that several sources share. */
import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { exportedRules } from '../../../../lib/component/options/relabel.ts'
import {
  forwardField,
  labelsField,
  numberField,
  rulesField,
  timestampField,
} from '../../../../lib/component/options/source.ts'
import { RELABEL_DEFAULTS } from '../../../../lib/formats/relabel.ts'
import { refusal } from '../../../support/stage-run.ts'

const fields = {
  forward_to: forwardField,
  labels: labelsField,
  relabel_rules: rulesField,
  use_incoming_timestamp: timestampField,
  port: numberField(80, 'Port.'),
}

void t.test('left out and written', (t) => {
  t.same(decodeInput('s', fields, { forward_to: [] }), {
    forward_to: [],
    labels: undefined,
    relabel_rules: undefined,
    use_incoming_timestamp: false,
    port: 80,
  })
  const rules = [{ ...RELABEL_DEFAULTS, target_label: 'a' }]
  const written = { forward_to: [], labels: { a: 'b' }, relabel_rules: exportedRules(rules), port: '81' }
  t.match(decodeInput('s', fields, written), {
    labels: new Map([['a', 'b']]),
    relabel_rules: rules,
    port: 81,
  })
  t.equal(
    refusal(() => decodeInput('s', fields, { forward_to: [], relabel_rules: 'x' })),
    'BAD_ARGUMENT relabel_rules',
  )
  t.end()
})
