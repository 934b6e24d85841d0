import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openMmdb } from '../../../lib/disk/mmdb.ts'
import { writeMmdb } from '../../support/mmdb.ts'

const folder = t.testdir({})

function file(name: string, bytes: Buffer | string): string {
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}

const both = file(
  'both.mmdb',
  writeMmdb({
    '81.2.69.0/24': { a: 'four', n: 7, list: [1, { b: true }], big: 2n ** 60n, small: 5n },
    '2001:db8::/32': { a: 'six' },
    '10.0.0.0/8': { a: 'x'.repeat(200) },
  }),
)

void t.test('records of IPv4 and IPv6 addresses', (tap) => {
  const database = openMmdb(both)
  tap.equal(database.type, 'Test-City')
  const four = { a: 'four', n: 7, list: [1, { b: true }], big: '1152921504606846976', small: 5 }
  for (const address of [
    '81.2.69.0',
    '81.2.69.255',
    '::ffff:81.2.69.142',
    '::FFFF:5102:458e',
    '0:0:0:0:0:ffff:5102:458e',
  ])
    tap.same(database.lookup(address), four, address)
  tap.same(database.lookup('2001:db8:1::1'), { a: 'six' })
  tap.same(database.lookup('10.1.2.3'), { a: 'x'.repeat(200) })
  for (const address of ['81.2.70.0', '2001:db9::', '::1'])
    tap.equal(database.lookup(address), undefined, address)
  tap.end()
})

void t.test('invalid addresses', (tap) => {
  const database = openMmdb(both)
  for (const text of [
    '',
    'x',
    '1.2.3',
    '1.2.3.4 ',
    '01.2.3.4',
    '256.1.1.1',
    'fe80::1%eth0',
    '::ffff:1.2.3.4%1',
    '1.2.3.4/8',
  ])
    tap.throws(() => database.lookup(text), { code: 'BAD_INPUT', message: /expected an IP address/ }, text)
  tap.end()
})

void t.test('a database of IPv4 only', (tap) => {
  const database = openMmdb(file('four.mmdb', writeMmdb({ '1.0.0.0/8': { a: 'b' } }, { ipVersion: 4 })))
  tap.same(database.lookup('1.2.3.4'), { a: 'b' })
  tap.same(database.lookup('::ffff:1.2.3.4'), { a: 'b' })
  tap.equal(database.lookup('2.2.3.4'), undefined)
  tap.throws(() => database.lookup('2001:db8::1'), { code: 'BAD_INPUT', message: /IPv4 addresses only/ })
  tap.end()
})

void t.test('one file is read once, until it changes', (tap) => {
  const path = file('twice.mmdb', writeMmdb({ '1.0.0.0/8': { a: 'old' } }))
  const first = openMmdb(path)
  tap.equal(openMmdb(path), first)
  file('twice.mmdb', writeMmdb({ '1.0.0.0/8': { a: 'newer' } }))
  tap.same(openMmdb(path).lookup('1.1.1.1'), { a: 'newer' })
  tap.same(first.lookup('1.1.1.1'), { a: 'old' })
  tap.end()
})

void t.test('files that are none', (tap) => {
  tap.throws(() => openMmdb(join(folder, 'none')), { code: 'IO', message: /cannot read the database .*none/ })
  tap.throws(() => openMmdb(folder), { code: 'IO' })
  for (const text of ['', 'text', '\u{ab}\u{cd}\u{ef}MaxMind.com'])
    tap.throws(() => openMmdb(file('bad.mmdb', Buffer.from(text, 'latin1'))), {
      code: 'BAD_INPUT',
      message: /isn't a database in MaxMind's format/,
    })
  const cut = writeMmdb({ '1.0.0.0/8': { a: 'b' } })
  const damaged = Buffer.from(cut)
  damaged.fill(0xff, cut.indexOf(Buffer.alloc(16)) + 16, cut.indexOf('MaxMind') - 3)
  const database = openMmdb(file('damaged.mmdb', damaged))
  tap.throws(() => database.lookup('1.1.1.1'), { code: 'BAD_INPUT', message: /is damaged/ })
  tap.end()
})
