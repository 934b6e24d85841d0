import t from 'tap'
import { loadKafka } from '../../../../lib/net/kafka/package.ts'

void t.test('a package that is missing is named, with what to run', async (tap) => {
  const missing = Object.assign(new Error("Cannot find package '@platformatic/kafka' imported from x"), {
    code: 'ERR_MODULE_NOT_FOUND',
  })
  await tap.rejects(
    loadKafka(() => Promise.reject(missing)),
    {
      code: 'BAD_CONFIG',
      message: /not installed next to logstream: run npm install @platformatic\/kafka@1/,
    },
  )
  await tap.rejects(
    loadKafka(() => Promise.reject(new Error('broken'))),
    { message: 'broken' },
  )
})
