import t from 'tap'
import { parseFile } from '../../../../lib/alloy/parser.ts'
import { isWritten, newFrame, newScope, NO_ARGUMENTS } from '../../../../lib/run/plan/frame.ts'
import type { Body } from '../../../../lib/run/plan/module-body.ts'

function bodyOf(text: string): Body {
  const { file } = parseFile({ name: 'test', text })
  return { statements: file.body, source: file.source, modulePath: '/', place: 'root' }
}

void t.test('a reference is to a block by all of its name, not by how it begins', (tap) => {
  const body = bodyOf('loki.write "out" { }\nlogging { }\nx = 1')
  tap.equal(isWritten(body, ['loki', 'write', 'out', 'receiver']), true)
  tap.equal(isWritten(body, ['loki', 'write', 'out']), true)
  tap.equal(isWritten(body, ['loki', 'write', 'output', 'receiver']), false)
  tap.equal(isWritten(body, ['loki', 'write']), false)
  tap.equal(isWritten(body, ['logging']), false, 'a block without a label has nothing to refer to')
  tap.end()
})

void t.test('a frame begins empty', (tap) => {
  const scope = newScope(undefined)
  const frame = newFrame(bodyOf(''), scope)
  tap.match(frame, { scope, path: [], within: [], args: NO_ARGUMENTS, check: false, instance: undefined })
  tap.same(
    [frame.exports.size, frame.unknown.size, frame.failedExports.size, frame.names.values.size],
    [0, 0, 0, 0],
  )
  tap.same(newFrame(bodyOf(''), newScope(scope), { path: ['a'], check: true }).path, ['a'])
  tap.end()
})
