import t from 'tap'
import { Batch } from '../../../lib/flow/batch.ts'
import { BatchTap } from '../../../lib/flow/batch-tap.ts'
import { Entry } from '../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'

void t.test('watchers see what passes until they are let go, one without the others', (tap) => {
  const point = new BatchTap()
  const show = (line: string): void => point.show(new Batch([new Entry(0, 0, line, EMPTY_LABELS)]))
  const seen: string[] = []
  const watch = (name: string): (() => void) =>
    point.watch((batch) => seen.push(...batch.peek().map(({ line }) => `${name} ${line}`)))
  show('before')
  const ends = [watch('a'), watch('b')]
  show('1')
  ends[0]!()
  ends[0]!()
  show('2')
  ends[1]!()
  show('after')
  tap.same(seen, ['a 1', 'b 1', 'b 2'])
  tap.end()
})
