import t from 'tap'
import { Turns } from '../../../../lib/components/loki.source.file/turns.ts'

void t.test('one at a time, in the order of asking', async (t) => {
  const turns = new Turns()
  const order: string[] = []
  t.equal(await turns.take(), true)
  const waiting = ['a', 'b', 'c'].map(async (name) => {
    await turns.take()
    order.push(name)
    turns.done()
  })
  t.strictSame(order, [])
  turns.done()
  await Promise.all(waiting)
  t.strictSame(order, ['a', 'b', 'c'])
})

void t.test('none while too much is owed, none after the end', async (t) => {
  const turns = new Turns()
  turns.owe(65 * 1024 * 1024)
  let taken: boolean | undefined
  const first = turns.take().then((go) => (taken = go))
  await Promise.resolve()
  t.equal(taken, undefined)
  turns.owe(-1024 * 1024)
  t.equal(await first, true)
  const second = turns.take()
  turns.close()
  t.equal(await second, false)
  t.equal(await turns.take(), false)
})
