import t from 'tap'
import { importDeclares, type ImportResult } from '../../../../lib/run/modules/imports.ts'
import type { Body } from '../../../../lib/run/plan/module-body.ts'

const files: Readonly<Record<string, string>> = {
  '/m/one.alloy': 'declare "a" { argument "x" { } }',
  '/m/dir/b.alloy': 'declare "b" { argument "x" { } }',
  '/m/dir/a.alloy': 'declare "a" { argument "x" { } }',
  '/m/dir/c.txt': 'nothing {',
  '/m/bad.alloy': 'declare "a" {',
  '/m/hollow.alloy': 'declare "a" { }',
  '/m/none/readme': '',
}

function run(
  kind: string,
  options: Readonly<Record<string, unknown>>,
): { result: ImportResult; bodies: Body[] } {
  const bodies: Body[] = []
  const result = importDeclares({
    kind,
    label: 'lib',
    options,
    modulePath: '/config',
    files: {
      read: (path) => {
        if (files[path] === undefined) throw new Error(`no such file: ${path}`)
        return files[path]
      },
      isFolder: (path) => Object.keys(files).some((name) => name.startsWith(`${path}/`)),
      list: (folder) =>
        Object.keys(files)
          .filter((name) => name.startsWith(`${folder}/`))
          .map((name) => name.slice(folder.length + 1)),
    },
    read: (body) => void bodies.push(body),
  })
  return { result, bodies }
}

const pathsOf = ({ watch }: ImportResult): string[] => watch.map(({ path }) => path)

const shown = (bodies: readonly Body[]): string[][] =>
  bodies.map(({ source, modulePath, place }) => [source.name, modulePath, place])

void t.test('a file, a folder, a text', (tap) => {
  const file = run('import.file', { filename: '/m/one.alloy' })
  tap.same(shown(file.bodies), [['/m/one.alloy', '/m', 'import']])
  tap.same(
    [pathsOf(file.result), file.result.diagnostics, file.result.problem],
    [['/m/one.alloy'], [], undefined],
  )
  const folder = run('import.file', { filename: '/m/dir' })
  tap.same(shown(folder.bodies), [
    ['/m/dir/a.alloy', '/m/dir', 'import'],
    ['/m/dir/b.alloy', '/m/dir', 'import'],
  ])
  tap.same(pathsOf(folder.result), ['/m/dir', '/m/dir/a.alloy', '/m/dir/b.alloy'])
  const text = run('import.string', { content: 'declare "x" { argument "y" { } }' })
  tap.same(shown(text.bodies), [['lib', '/config', 'import']], 'a text has the path of who imports it')
  tap.same(text.result.watch, [])
  tap.end()
})

void t.test('what cannot be read has no declares, and is watched all the same', (tap) => {
  const gone = run('import.file', {
    filename: '/m/gone.alloy',
    detector: 'poll',
    poll_frequency: 1000,
  }).result
  tap.match(gone, {
    declares: undefined,
    watch: [{ path: '/m/gone.alloy', pollMs: 1000, notices: false }],
    problem: /import.file "lib": no such file/,
  })
  tap.match(run('import.file', { filename: '/m/none' }).result.problem, /has no \*.alloy files/)
  tap.end()
})

void t.test('mistakes in a module', (tap) => {
  const bad = run('import.file', { filename: '/m/bad.alloy' })
  tap.equal(bad.result.declares, undefined)
  tap.same([bad.bodies.length, bad.result.diagnostics[0]?.source.name], [0, '/m/bad.alloy'])
  const hollow = run('import.file', { filename: '/m/hollow.alloy' }).result
  tap.match(hollow.diagnostics[0]?.message, /declare "a" is empty/)
  tap.equal(hollow.declares, undefined)
  tap.end()
})
