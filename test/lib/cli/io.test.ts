import t from 'tap'
import { EXIT } from '../../../lib/cli/io.ts'

void t.test('exit statuses are what the README promises', (tap) => {
  tap.same(EXIT, { ok: 0, usage: 1, undelivered: 3, lost: 4 })
  tap.end()
})
