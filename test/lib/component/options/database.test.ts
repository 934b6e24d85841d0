import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { databaseOption } from '../../../../lib/component/options/database.ts'
import { writeMmdb } from '../../../support/mmdb.ts'

void t.test('a database, or what is wrong with the option', (tap) => {
  const path = join(tap.testdir({ 'bad.mmdb': 'text' }), 'good.mmdb')
  writeFileSync(path, writeMmdb({ '1.0.0.0/8': { a: 'b' } }))
  tap.same(databaseOption('db', path).lookup('1.2.3.4'), { a: 'b' })
  tap.throws(() => databaseOption('db', `${path}.none`), { code: 'IO', option: 'db' })
  tap.throws(() => databaseOption('file', join(path, '..', 'bad.mmdb')), {
    code: 'BAD_INPUT',
    option: 'file',
  })
  tap.end()
})
