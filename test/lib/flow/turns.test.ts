import t from 'tap'
import { Turns } from '../../../lib/flow/turns.ts'

const never = new AbortController().signal

void t.test('so many run, so many wait in order, the rest are refused', async (t) => {
  const turns = new Turns({ running: 1, waiting: 2 })
  const end = await turns.take(never)
  const order: number[] = []
  const second = turns.take(never).then((done) => (order.push(2), done))
  const third = turns.take(never).then((done) => (order.push(3), done))
  t.equal(await turns.take(never), undefined)
  t.strictSame([turns.running, turns.waiting], [1, 2])
  end!()
  const next = await second
  t.strictSame(order, [2])
  next!()
  ;(await third)!()
  t.strictSame(order, [2, 3])
  t.strictSame([turns.running, turns.waiting], [0, 0])
})

void t.test('who gives up leaves the line', async (t) => {
  const turns = new Turns({ running: 1, waiting: 2 })
  const end = await turns.take(never)
  const stop = new AbortController()
  const second = turns.take(stop.signal)
  const third = turns.take(never)
  stop.abort(new Error('gone'))
  await t.rejects(second, { message: 'gone' })
  t.equal(turns.waiting, 1)
  end!()
  ;(await third)!()
  t.equal(turns.running, 0)
  await t.rejects(turns.take(stop.signal), { message: 'gone' })
})

void t.test('a turn that nobody has is taken without waiting', async (t) => {
  const turns = new Turns({ running: 1 })
  const end = turns.takeFree()
  t.equal(turns.takeFree(), undefined)
  const second = turns.take(never)
  end!()
  t.equal(turns.takeFree(), undefined, 'it is the turn of who has waited')
  ;(await second)!()
  turns.takeFree()!()
  t.equal(turns.running, 0)
  turns.close()
  t.equal(turns.takeFree(), undefined)
})
