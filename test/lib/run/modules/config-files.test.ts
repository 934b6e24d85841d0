import { join } from 'node:path'
import t from 'tap'
import { diskFiles, readConfig } from '../../../../lib/run/modules/config-files.ts'

const folder = t.testdir({
  'one.alloy': 'logging { }',
  many: { 'b.alloy': 'b', 'a.alloy': 'a', 'notes.txt': 'x', sub: { 'c.alloy': 'c' } },
  empty: { 'notes.txt': 'x' },
})

void t.test('a file', (tap) => {
  const path = join(folder, 'one.alloy')
  tap.same(readConfig(path), [{ source: { name: path, text: 'logging { }' }, modulePath: folder }])
  tap.end()
})

void t.test('a folder: its *.alloy files by name, not those below', (tap) => {
  const many = join(folder, 'many')
  tap.same(
    readConfig(many).map(({ source, modulePath }) => [source.name, source.text, modulePath]),
    [
      [join(many, 'a.alloy'), 'a', many],
      [join(many, 'b.alloy'), 'b', many],
    ],
  )
  tap.end()
})

void t.test('what cannot be read is said', (tap) => {
  tap.throws(() => readConfig(join(folder, 'none.alloy')), {
    code: 'IO',
    message: /cannot read the config .*none.alloy/,
  })
  tap.throws(() => readConfig(join(folder, 'empty')), { code: 'IO', message: /holds no \*.alloy file/ })
  tap.end()
})

void t.test('module files on disk', (tap) => {
  tap.equal(diskFiles.read(join(folder, 'one.alloy')), 'logging { }')
  tap.same(
    [diskFiles.isFolder(folder), diskFiles.isFolder(join(folder, 'one.alloy')), diskFiles.isFolder('/none')],
    [true, false, false],
  )
  tap.same([...diskFiles.list(join(folder, 'many'))].sort(), ['a.alloy', 'b.alloy', 'notes.txt', 'sub'])
  tap.end()
})
