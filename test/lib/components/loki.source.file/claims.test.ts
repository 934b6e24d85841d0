import t from 'tap'
import { Claims } from '../../../../lib/components/loki.source.file/claims.ts'

const at = (
  offset: number,
): {
  device: string
  inode: string
  head: number
  hash: string
  offset: number
  anchor: number
  size: number
  since: number
} => ({
  device: '1',
  inode: '7',
  head: 0,
  hash: '',
  offset,
  anchor: 0,
  size: 9,
  since: 0,
})

void t.test('a file has one reader per label set, until it is released', async (t) => {
  const claims = new Claims()
  t.equal(claims.claim('{a}', '7', '/x'), true)
  t.equal(claims.claim('{a}', '7', '/x'), true, 'again')
  t.equal(claims.claim('{a}', '7', '/y'), false)
  t.equal(claims.claim('{b}', '7', '/y'), true, 'other labels')
  t.equal(claims.readUpTo('{a}', '7'), undefined)
  claims.release('{a}', '7', '/x', at(5))
  t.strictSame(claims.readUpTo('{a}', '7'), at(5))
  t.equal(claims.claim('{a}', '7', '/y'), true)
  claims.release('{a}', '7', '/x', undefined)
  t.equal(claims.claim('{a}', '7', '/z'), false, 'only its owner releases it')
})

void t.test('remembers a bounded number of released files', async (t) => {
  const claims = new Claims()
  for (let inode = 0; inode < 5000; inode++) claims.release('{}', String(inode), '/x', at(inode))
  t.equal(claims.readUpTo('{}', '0'), undefined)
  t.equal(claims.readUpTo('{}', '4999')?.offset, 4999)
})

void t.test('knows the lowest stored position of a file, whatever its name was', async (t) => {
  const claims = new Claims([
    { path: '/x', labels: '{}', damaged: false, generations: [at(5)] },
    { path: '/x.1', labels: '{}', damaged: false, generations: [at(3)] },
    { path: '/x.1', labels: '{b}', damaged: false, generations: [at(1)] },
  ])
  t.strictSame(
    claims.storedIn('{}', '7').map(({ offset }) => offset),
    [3, 5],
  )
  t.strictSame(claims.storedIn('{}', '8'), [])
  claims.forgetStored('{}', '7')
  t.strictSame(claims.storedIn('{}', '7'), [])
  t.equal(claims.storedIn('{b}', '7').length, 1)
})
