import { execFileSync, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MAX_CONFIG_BYTES } from '../../../../lib/run/modules/bounded-file.ts'
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
  tap.throws(() => diskFiles.read(join(folder, 'none.alloy')), {
    code: 'IO',
    message: /^cannot read the module .*none\.alloy: no such file or directory$/,
  })
  tap.throws(() => readConfig(join(folder, 'x'.repeat(300))), {
    code: 'IO',
    message: /cannot read the config .*: name too long$/,
  })
  tap.throws(() => readConfig(join(folder, 'empty')), { code: 'IO', message: /has no \*.alloy files/ })
  tap.end()
})

void t.test('a module file must be a plain file, and end', (tap) => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  for (const path of ['/dev/zero', pipe])
    tap.throws(() => diskFiles.read(path), {
      code: 'IO',
      message: `${path} is not a plain file: name a file or a folder`,
    })
  const long = join(folder, 'long.alloy')
  writeFileSync(long, Buffer.alloc(MAX_CONFIG_BYTES + 1, '/'))
  tap.throws(() => diskFiles.read(long), { code: 'IO', message: /long\.alloy is longer than 16 MiB/ })
  tap.throws(() => readConfig('/dev/zero'), { code: 'IO', message: /\/dev\/zero is longer than 16 MiB/ })
  tap.end()
})

void t.test('a config may come from a pipe', async (tap) => {
  const pipe = 'printf "logging { }" | "$0" --input-type=module -e "$1"'
  const script = `
    const { readConfig } = await import(${JSON.stringify(new URL('../../../../lib/run/modules/config-files.js', import.meta.url).href)})
    process.stdout.write(readConfig('/dev/stdin')[0].source.text)`
  const read = spawnSync('sh', ['-c', pipe, process.execPath, script])
  tap.equal(read.stdout.toString(), 'logging { }')
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
