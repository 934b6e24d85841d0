import { readFileSync } from 'node:fs'
import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import {
  checkListener,
  syslogFields,
  type ListenerOptions,
} from '../../../../lib/components/loki.source.syslog/fields.ts'

type Given = Readonly<Record<string, unknown>>

function listener(given: Given): ListenerOptions {
  const input = { forward_to: [], listener: [{ address: '127.0.0.1:0', ...given }] }
  return decodeInput('loki.source.syslog', syslogFields, input).listener[0]!
}

void t.test('what excludes each other', async (t) => {
  const cases: [given: Given, message: RegExp][] = [
    [{ rfc3164_cisco_components: { enable_all: true } }, /needs syslog_format = "rfc3164"/],
    [{ syslog_format: 'rfc3164', rfc3164_cisco_components: {} }, /nothing enabled/],
    [{ syslog_format: 'rfc3164', rfc5424_allow_empty_msg: true }, /rfc5424_allow_empty_msg has no effect/],
    [{ syslog_format: 'rfc3164', raw_format_options: {} }, /raw_format_options has no effect/],
    [{ syslog_format: 'raw', use_rfc5424_message: true }, /use_rfc5424_message has no effect/],
    [{ syslog_format: 'raw', use_incoming_timestamp: true }, /use_incoming_timestamp has no effect/],
  ]
  for (const [given, message] of cases)
    t.throws(() => checkListener(listener(given), 'experimental'), { code: 'BAD_CONFIG', message })
  t.throws(() => checkListener(listener({ syslog_format: 'raw' }), 'generally-available'), {
    message: /--stability\.level=experimental/,
  })
  t.doesNotThrow(() =>
    checkListener(listener({ syslog_format: 'raw', raw_format_options: {} }), 'experimental'),
  )
  t.doesNotThrow(() => checkListener(listener({}), 'generally-available'))
  t.throws(() => listener({ protocol: 'tpc' }), /did you mean "tcp"/)
})

void t.test('every argument is in the documentation', async (t) => {
  const page = readFileSync('docs/syslog.md', 'utf8')
  for (const name of Object.keys(syslogFields.listener.fields)) t.ok(page.includes(`\`${name}\``), name)
})
