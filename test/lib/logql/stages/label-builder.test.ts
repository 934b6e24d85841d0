import t from 'tap'
import { EMPTY_LABELS, labelSet } from '../../../../lib/flow/labels.ts'
import { NO_HINTS } from '../../../../lib/logql/syntax/hints.ts'
import { LabelBuilder } from '../../../../lib/logql/stages/label-builder.ts'

function builder(): LabelBuilder {
  const labels = new LabelBuilder(EMPTY_LABELS, NO_HINTS)
  labels.reset(labelSet({ app: 'a', env: 'prod' }), [
    ['trace', 't1'],
    ['env', 'meta'],
  ])
  return labels
}

void t.test('where labels come from', (tap) => {
  const labels = builder()
  labels.set('status', '200')
  labels.set('trace', 'parsed')
  labels.set('app', 'b')
  tap.same(labels.categorized(), {
    stream: [['env', 'prod']],
    metadata: [['env_extracted', 'meta']],
    parsed: [
      ['app', 'b'],
      ['status', '200'],
      ['trace', 'parsed'],
    ],
  })
  labels.delete('app')
  labels.delete('env')
  tap.equal(labels.get('app'), undefined)
  tap.same(Object.fromEntries(labels.pairs()), { env_extracted: 'meta', status: '200', trace: 'parsed' })
  tap.end()
})

void t.test('names that are taken, and what was parsed before', (tap) => {
  const labels = builder()
  tap.same(
    ['app', 'trace', 'x'].map((name) => labels.parsedName(name)),
    ['app_extracted', 'trace_extracted', 'x'],
  )
  tap.same(
    ['app', 'trace', 'x'].map((name) => labels.isTaken(name)),
    [true, true, false],
  )
  labels.set('x', '1')
  tap.ok(labels.isExtracted('x'))
  labels.delete('x')
  tap.ok(labels.isExtracted('x'), 'gone, but not to be made again')
  labels.reset(EMPTY_LABELS, undefined)
  tap.notOk(labels.isExtracted('x'))
  tap.ok(labels.unchanged)
  tap.end()
})

void t.test('errors', (tap) => {
  const labels = builder()
  labels.failFirst('First', 'why')
  labels.failFirst('Second', 'other')
  tap.equal(labels.filtered('__error__'), 'First')
  tap.equal(labels.filtered('__error_details__'), '', 'cannot be asked for')
  tap.match(Object.fromEntries(labels.pairs()), { __error__: 'First', __error_details__: 'why' })
  labels.fail('Third', undefined)
  tap.match(labels.categorized().parsed, [
    ['__error__', 'Third'],
    ['__error_details__', 'why'],
  ])
  labels.reset(EMPTY_LABELS, [
    ['__error__', 'pushed'],
    ['__error_details__', 'd'],
  ])
  tap.same([labels.error, labels.errorDetails], ['pushed', 'd'])
  const asked = new LabelBuilder(EMPTY_LABELS, { ...NO_HINTS, preserveError: true })
  asked.fail('E', 'd')
  tap.equal(asked.get('__preserve_error__'), 'true')
  tap.end()
})

void t.test('complete once all that is required was parsed', (tap) => {
  const labels = new LabelBuilder(EMPTY_LABELS, { ...NO_HINTS, required: ['a', 'b'] })
  labels.set('a', '1')
  tap.notOk(labels.complete)
  labels.set('b', '1')
  tap.ok(labels.complete)
  tap.notOk(builder().complete)
  tap.end()
})

void t.test('signatures differ where labels do', (tap) => {
  const signatures = new Set<string>()
  const changes: ((labels: LabelBuilder) => void)[] = [
    () => {},
    (labels) => labels.set('a', '1'),
    (labels) => labels.set('a', '2'),
    (labels) => labels.delete('app'),
    (labels) => labels.delete('trace'),
    (labels) => labels.fail('E', 'd'),
    (labels) => labels.fail('E', 'e'),
  ]
  for (const change of changes) {
    const labels = builder()
    change(labels)
    signatures.add(labels.signature)
  }
  tap.equal(signatures.size, changes.length)
  tap.end()
})
