import t from 'tap'
import { sayDiagnostic } from '../../../lib/admin/say.ts'
import { errorAt } from '../../../lib/alloy/diagnostic.ts'

void t.test('place, message and carets as ever, without the secrets of the line', (tap) => {
  const text = 'loki.write "a" {\n  endpoint {\n    bearer_token = "planted" + nothing\n  }\n}\n'
  const start = text.indexOf('nothing')
  const source = { name: 'c.alloy', text }
  const message = 'cannot reach http://u:planted@h/x'
  tap.equal(
    sayDiagnostic(errorAt(source, { start, end: start + 7 }, message)),
    [
      'c.alloy:3:32: error: cannot reach http://(secret)@h/x',
      '3 |     bearer_token = ********* + nothing',
      '  |                                ^^^^^^^',
    ].join('\n'),
  )
  tap.end()
})
