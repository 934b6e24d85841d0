import t from 'tap'
import { labeller, type LabelOptions } from '../../../../lib/components/loki.source.syslog/labels.ts'
import { compileRules, RELABEL_DEFAULTS, type RelabelRule } from '../../../../lib/formats/relabel.ts'
import type { SyslogMessage } from '../../../../lib/formats/syslog/message.ts'

const sender = { ip: '10.0.0.1', hostname: 'router.' }
const message: SyslogMessage = {
  version: 1,
  priority: 165,
  hostname: 'web1',
  appName: 'nginx',
  procId: '12',
  msgId: 'ID4',
  structuredData: new Map([['a@1', new Map([['b', 'c']])]]),
}

function label(
  rules: Partial<RelabelRule>[] | undefined,
  more: Partial<LabelOptions> = {},
  of = message,
): string {
  const relabel = rules && compileRules(rules.map((rule) => ({ ...RELABEL_DEFAULTS, ...rule })))
  const options = {
    labels: new Map([
      ['job', 'syslog'],
      ['__x', 'y'],
    ]),
    labelStructuredData: false,
    relabel,
    ...more,
  }
  const make = labeller(options)
  const first = make(sender, of)
  t.equal(make(sender, of).key, first.key, 'the same from the cache')
  return first.text
}

const mapAll = [{ regex: '__syslog_(.+)', action: 'labelmap' }]

void t.test('labels of a message', async (t) => {
  t.equal(label(undefined), '{job="syslog"}', 'without rules only those of the listener stay')
  t.equal(
    label(mapAll),
    '{connection_hostname="router.", connection_ip_address="10.0.0.1", job="syslog", message_app_name="nginx", ' +
      'message_facility="local4", message_hostname="web1", message_msg_id="ID4", message_proc_id="12", message_severity="notice"}',
  )
  t.match(label(mapAll, { labelStructuredData: true }), /message_sd_a_1_b="c"/)
  const cisco = label(mapAll, {}, { version: 0, priority: 0, counter: 7, sequence: 8 })
  t.match(cisco, /message_msg_counter="7".*message_sequence="8"/)
  t.match(cisco, /message_facility="kern", .*message_severity="emergency"/)
})

void t.test('a rule that drops only keeps later rules from running', async (t) => {
  const copy = (target: string) => ({ source_labels: ['__syslog_message_hostname'], target_label: target })
  const drop = { source_labels: ['job'], regex: 'syslog', action: 'drop' }
  t.equal(label([copy('a'), drop, copy('b')]), '{a="web1", job="syslog"}')
})
