import t from 'tap'
import { diskFailure } from '../../../lib/disk/disk-failure.ts'

void t.test('a full disk and one that may not be written, with what to do', (tap) => {
  const failure = (code: string, text: string): Error =>
    Object.assign(new Error(`${code}: ${text}, write`), { code, syscall: 'write' })
  tap.equal(
    diskFailure(failure('ENOSPC', 'no space left on device')),
    'no space left on device; make room on that disk',
  )
  tap.match(diskFailure(failure('EACCES', 'permission denied')), /^permission denied; let the user/)
  tap.match(diskFailure(failure('EROFS', 'read-only file system')), /^read-only file system; it is mounted/)
  tap.equal(diskFailure(failure('EIO', 'i/o error')), 'i/o error')
  tap.equal(diskFailure(new Error('odd')), 'odd')
  tap.end()
})
