import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { ownCommand } from '../../../../lib/cli/demo/own-command.ts'

void t.test('the command is the one that works where it runs', (tap) => {
  const folder = tap.testdir({ bin: {}, '.bin': {}, project: {}, 'a b': {} })
  const at = (...parts: string[]): string => {
    const file = join(folder, ...parts)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '')
    return file
  }
  const command = (script: string, PATH: string, cwd = folder): string =>
    ownCommand({ script, env: { PATH }, cwd, packageName: 'the-package' })

  const installed = at('lib', 'node_modules', 'the-package', 'dist', 'bin', 'logstream.js')
  symlinkSync(installed, join(folder, 'bin', 'logstream'))
  tap.equal(
    command(join(folder, 'bin', 'logstream'), `/nowhere:${join(folder, 'bin')}`),
    'logstream',
    'npm i -g',
  )

  const fetched = at('cache', '_npx', 'abc', 'node_modules', 'the-package', 'dist', 'bin', 'logstream.js')
  symlinkSync(fetched, join(folder, '.bin', 'logstream'))
  tap.equal(command(fetched, join(folder, '.bin')), 'npx the-package', 'npx, whose own folder is in PATH')
  tap.equal(command(fetched, join(folder, 'bin')), 'npx the-package', 'another logstream is in PATH')

  const project = join(folder, 'project')
  const local = at('project', 'node_modules', 'the-package', 'dist', 'bin', 'logstream.js')
  tap.equal(command(local, '/nowhere', project), 'npx logstream', 'a dependency of the project')

  const checkout = at('project', 'dist', 'bin', 'logstream.js')
  tap.equal(command(checkout, '/nowhere', project), 'node dist/bin/logstream.js', 'a checkout')
  tap.equal(command(checkout, '/nowhere', join(folder, 'bin')), `node ${checkout}`, 'from another folder')
  tap.equal(command(at('a b', "it's.js"), '/nowhere'), String.raw`node 'a b/it'\''s.js'`)
  tap.end()
})
