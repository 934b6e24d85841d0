import { statSync } from 'node:fs'
import t from 'tap'
import { troubleOf } from '../../../../lib/components/loki.source.file/trouble.ts'

void t.test('says what is wrong and what to do', async (t) => {
  const error = (code: string): Error => Object.assign(new Error(code), { code })
  for (const [reason, message] of [
    [error('ENOENT'), /\/x does not exist; it will be read when it appears/],
    [error('EACCES'), /cannot read \/x: permission denied; add the user .*setfacl -m u:\S+:r \/x/],
    [error('EMFILE'), /raise the limit/],
    [error('ENOTDIR'), /check the path/],
    [error('EIO'), /cannot read \/x: EIO; trying again/],
    [statSync('/', { bigint: true }), /is a folder; name its files with .*, as in "\/x\/\*\.log"/],
    [statSync('/dev/null', { bigint: true }), /is not a regular file/],
  ] as const)
    t.match(troubleOf('/x', reason), message)
  t.match(troubleOf('/x/*.log', error('ENOENT')), /use local\.file_match/)
})
