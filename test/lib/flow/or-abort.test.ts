import t from 'tap'
import { orAbort } from '../../../lib/flow/or-abort.ts'

void t.test('what comes first decides', async (tap) => {
  const controller = new AbortController()
  tap.equal(await orAbort(Promise.resolve('done'), controller.signal), 'done')
  await tap.rejects(orAbort(Promise.reject(new Error('broken')), controller.signal), { message: 'broken' })
  let fail!: (error: Error) => void
  const work = new Promise<void>((_, reject) => (fail = reject))
  const waiting = orAbort(work, controller.signal)
  controller.abort()
  await tap.rejects(waiting, { message: 'stopped' })
  // It must not end the process as an unhandled rejection.
  fail(new Error('late'))
  await tap.rejects(
    orAbort(new Promise(() => {}), controller.signal),
    { message: 'stopped' },
    'aborted before',
  )
})
