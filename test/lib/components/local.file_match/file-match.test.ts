import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Options } from '../../../../lib/component/fields.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { localFileMatch } from '../../../../lib/components/local.file_match/file-match.ts'
import { temporaryFolder, until, world } from '../loki.source.file/harness.ts'

void t.test('exports the files, and again only when they are others', async (t) => {
  const folder = await temporaryFolder(t)
  const { ctx, exported } = world()
  const decode = (pattern: string, more: object = {}): Options =>
    decodeInput('local.file_match', localFileMatch.fields, {
      path_targets: [{ __path__: join(folder, pattern), job: 'x' }],
      sync_period: '20ms',
      ...more,
    })
  const component = localFileMatch.create(decode('*.log'), ctx)
  t.teardown(() => component.close?.())
  t.strictSame(component.exports?.get('targets'), [])
  writeFileSync(join(folder, 'a.log'), '')
  await component.start?.()
  const target = (name: string): Map<string, string> =>
    new Map([
      ['__path__', join(folder, name)],
      ['job', 'x'],
    ])
  t.strictSame(exported.at(-1)?.get('targets'), [target('a.log')])
  writeFileSync(join(folder, 'b.log'), '')
  await until('b.log', () => exported.length === 2)
  t.strictSame(exported.at(-1)?.get('targets'), [target('a.log'), target('b.log')])
  rmSync(join(folder, 'a.log'))
  await until('a.log to go', () => exported.length === 3)
  t.equal(component.update?.(decode('*.txt')), true)
  await until('the new pattern', () => exported.length === 4)
  t.strictSame(exported.at(-1)?.get('targets'), [])
  t.strictSame(component.status?.(), { files: 0 })
})
