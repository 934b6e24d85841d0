import { register } from 'prom-client'
import t from 'tap'
import { systemClock } from '../../../lib/flow/clock.ts'
import { libraryContext } from '../../../lib/component/context.ts'

void t.test('what a stage has in code: the default registry, no disk, one ledger', async (tap) => {
  const [a, b] = [libraryContext('a'), libraryContext('b')]
  tap.match(a, { id: 'a', clock: systemClock, dataDir: undefined })
  tap.equal(a.ledger, b.ledger)
  const own = a.metrics.with({ which: 'test' })
  own.counter('context_test_total', 'Test.').value = 7
  tap.match(await register.metrics(), /context_test_total\{which="test"\} 7/)
  own.close()
  a.log.error('is not shown')
  tap.throws(() => a.stages([]), {
    code: 'BAD_ARGUMENT',
    message: /^a: pass inner stages as a list of Transforms/,
  })
})
