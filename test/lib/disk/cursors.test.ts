import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { Cursors, type Cursor } from '../../../lib/disk/cursors.ts'
import { temporaryFolder, world } from '../components/loki.source.file/harness.ts'

async function open(folder: string): Promise<Cursors> {
  const { ctx } = world()
  return await Cursors.open({ folder, log: ctx.log, clock: ctx.clock })
}

void t.test('cursors of any form come back', async (t) => {
  const folder = await temporaryFolder(t)
  const all: [string, Cursor][] = [
    ['journal', 's=abc;i=1'],
    ['topic/0', 42],
    ['container', { since: 17.5, seen: ['a', null] }],
  ]
  const cursors = await open(folder)
  for (const [key, cursor] of all) {
    cursors.attach(key, () => cursor)
    cursors.changed(key)
  }
  await cursors.close()
  const again = await open(folder)
  for (const [key, cursor] of all) t.strictSame(again.get(key), cursor)
  t.equal(again.get('other'), undefined)
  again.delete('journal')
  await again.flush()
  await again.close()
  t.equal((await open(folder)).get('journal'), undefined)
})

void t.test('entries that are something else are left out', async (t) => {
  const folder = await temporaryFolder(t)
  const text = '{"logstream_cursors":1,"cursors":[7,{"key":1,"cursor":2},{"key":"a"},{"key":"b","cursor":2}]}'
  await writeFile(join(folder, 'cursors.json'), text)
  const cursors = await open(folder)
  t.strictSame([cursors.get('a'), cursors.get('b')], [undefined, 2])
})
