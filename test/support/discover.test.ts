import t from 'tap'
import { labelSet } from '../../lib/flow/labels.ts'
import { detectLevel, withServiceName } from './discover.ts'

void t.test('the service is named by the first label that can', (tap) => {
  for (const [labels, expected] of [
    [{ service_name: 'given', app: 'a' }, 'given'],
    [{ job: 'j', app: 'a' }, 'a'],
    [{ job: 'j', container: 'c' }, 'c'],
    [{ foo: 'x' }, 'unknown_service'],
    [{ app: '', job: 'j' }, 'j'],
  ] as const)
    tap.equal(withServiceName(labelSet(labels)).get('service_name'), expected, JSON.stringify(labels))
  tap.end()
})

void t.test('levels of labels, metadata and lines', (tap) => {
  const none = labelSet({})
  for (const [labels, metadata, line, expected] of [
    [{ level: 'WARNING' }, {}, 'error', 'warn'],
    [{ severity: 'odd' }, {}, 'error', 'odd'],
    [{}, { detected_level: 'ERR' }, 'x', 'error'],
    [{ level: 'info' }, { detected_level: 'own' }, 'x', 'own'],
    [{}, { severity_text: 'Fatal' }, 'info', 'fatal'],
    [{}, { log_level: 'dbg' }, 'info', 'debug'],
    [{}, { severity_number: '17' }, 'info', 'error'],
    [{}, {}, '{"lvl":"wrn"}', 'warn'],
    [{}, {}, '{"a":{"severity":"fatal"}}', 'fatal'],
    [{}, {}, '{"a":{"b":{"level":"odd"}}}', 'unknown'],
    [{}, {}, 'lvl=err msg=info', 'error'],
    [{}, {}, 'level=odd msg=(info)', 'info'],
    [{}, {}, 'misc:error code', 'unknown'],
    [{}, {}, 'errors', 'unknown'],
    [{}, {}, 'warning then error', 'warn'],
    [{}, {}, '[TRACE] x', 'trace'],
    [{}, {}, '', 'unknown'],
  ] as const)
    tap.equal(
      detectLevel(
        Object.keys(labels).length === 0 ? none : labelSet(labels as Record<string, string>),
        Object.entries(metadata),
        line,
      ),
      expected,
      JSON.stringify([labels, metadata, line]),
    )
  tap.end()
})
