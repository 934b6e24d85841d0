import t from 'tap'
import { Entry } from '../../../lib/flow/entry.ts'
import { labelSet } from '../../../lib/flow/labels.ts'
import { changesBetween, snapshot } from '../../../lib/flow/snapshot.ts'

void t.test('what has changed, by kind and name', (tap) => {
  const entry = new Entry(1, 5, 'a line', labelSet({ job: 'x', gone: '1' }))
  entry.structuredMetadata = [['trace', 'abc']]
  const before = snapshot(entry)
  tap.same(changesBetween(before, snapshot(entry)), [])
  entry.line = 'another'
  entry.nanos = 6
  entry.labels = entry.labels.without('gone').with('job', 'y').with('new', '')
  entry.structuredMetadata = []
  entry.extracted.set('n', 1.5)
  entry.extracted.set('nothing', null)
  tap.same(changesBetween(before, snapshot(entry)), [
    { of: 'line', name: '', before: 'a line', after: 'another' },
    {
      of: 'time',
      name: '',
      before: '1970-01-01T00:00:01.000000005Z',
      after: '1970-01-01T00:00:01.000000006Z',
    },
    { of: 'label', name: 'gone', before: '1' },
    { of: 'label', name: 'job', before: 'x', after: 'y' },
    { of: 'label', name: 'new', after: '' },
    { of: 'metadata', name: 'trace', before: 'abc' },
    { of: 'extracted', name: 'n', after: 1.5 },
    { of: 'extracted', name: 'nothing', after: null },
  ])
  tap.end()
})

void t.test('names of objects are names like others', (tap) => {
  const entry = new Entry(0, 0, '', labelSet({ constructor: 'a' }))
  const before = snapshot(entry)
  entry.extracted.set('__proto__', 'p')
  entry.extracted.set('toString', 't')
  const after = snapshot(entry)
  tap.same(changesBetween(before, after), [
    { of: 'extracted', name: '__proto__', after: 'p' },
    { of: 'extracted', name: 'toString', after: 't' },
  ])
  tap.match(JSON.stringify(after), '"__proto__":"p"')
  tap.end()
})
