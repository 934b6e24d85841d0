import t from 'tap'
import { Sampler } from '../../../../lib/admin/tap/sampler.ts'
import { Bench } from '../../../support/stage-run.ts'

void t.test('as many as allowed, spread over the batch', (tap) => {
  const entries = new Bench().entries(...Array.from({ length: 100 }, (_, i) => `${i}`))
  const sampler = new Sampler(10, () => 0.5)
  const lines = (now: number): string[] => sampler.pick(entries, now).map(({ line }) => line)
  tap.same(lines(0), ['5', '15', '25', '35', '45', '55', '65', '75', '85', '95'])
  tap.same(lines(0), [], 'the second has had its share')
  tap.same(lines(200), ['25', '75'])
  tap.equal(sampler.seen, 300)
  tap.equal(sampler.pick(entries.slice(0, 3), 1000).length, 3, 'all of a few')
  tap.end()
})
