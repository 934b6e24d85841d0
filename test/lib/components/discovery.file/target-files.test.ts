/** Patterns of target files. Formats are tested through discovery.file. */
import { basename, join } from 'node:path'
import t from 'tap'
import { filesMatching } from '../../../../lib/components/discovery.file/target-files.ts'

void t.test('stars in the last part', async (t) => {
  const folder = t.testdir({
    'a.json': '',
    'aXa.json': '',
    'b.yml': '',
    'a.json.old': '',
    d: { 'a.json': '' },
  })
  for (const [pattern, found] of [
    ['*.json', ['a.json', 'aXa.json']],
    ['a*a.json', ['aXa.json']],
    ['a*.json', ['a.json', 'aXa.json']],
    ['*a*.json', ['a.json', 'aXa.json']],
    ['*a*a*.json', ['aXa.json']],
    ['a.json', ['a.json']],
    ['c.json', []],
    ['none/*.json', []],
  ] as const)
    t.same(
      (await filesMatching(join(folder, pattern))).map((path) => basename(path)),
      found,
      pattern,
    )
})
