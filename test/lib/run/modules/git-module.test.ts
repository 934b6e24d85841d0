/** Modules from git repositories. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { GitModule, type GitOptions } from '../../../../lib/run/modules/git-module.ts'
import { until } from '../../../support/component-run.ts'
import { refusal } from '../../../support/stage-run.ts'
import { supervised } from '../../../support/supervised.ts'

const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()

function repository(t: Test, files: Readonly<Record<string, string>>): string {
  const folder = join(t.testdir({ repo: {}, storage: {} }), 'repo')
  git(folder, 'init', '--quiet', '--initial-branch=main')
  commit(folder, files)
  return folder
}

function commit(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  git(folder, 'add', '.')
  git(folder, 'commit', '--quiet', '-m', 'x')
  return git(folder, 'rev-parse', 'HEAD')
}

const options = (more: Partial<GitOptions>): GitOptions => ({
  repository: '',
  revision: 'main',
  path: 'm.alloy',
  pull_frequency: 60_000,
  basic_auth: undefined,
  ssh_key: undefined,
  ...more,
})

const open = (more: Partial<GitOptions>): GitModule =>
  new GitModule(options(more), () => join(more.repository!, '..', 'storage'))

void t.test('a file, a folder, a tag, a commit', async (t) => {
  const repo = repository(t, { 'm.alloy': 'one', 'dir/b.alloy': 'b', 'dir/a.alloy': 'a', 'dir/c.txt': 'c' })
  const first = git(repo, 'rev-parse', 'HEAD')
  git(repo, 'tag', 'v1')
  commit(repo, { 'm.alloy': 'two' })
  const texts = async (more: Partial<GitOptions>): Promise<string[]> =>
    (await open({ repository: repo, ...more }).read()).map(({ text }) => text)
  t.same(await texts({}), ['two'])
  t.same(await texts({ path: 'dir' }), ['a', 'b'])
  t.same(await texts({ revision: 'v1' }), ['one'])
  t.same(await texts({ revision: first }), ['one'])
  const [module] = await open({ repository: repo, path: 'dir/a.alloy' }).read()
  t.equal(module!.name, `${repo}@main:dir/a.alloy`)
  t.ok(existsSync(join(module!.modulePath, 'b.alloy')), 'its folder is there, for modules that it imports')
})

void t.test(
  'a new commit takes the place of the old one; without the repository the last one stays',
  async (t) => {
    const repo = repository(t, { 'm.alloy': 'one' })
    const module = open({ repository: repo })
    t.equal((await module.read())[0]!.text, 'one')
    commit(repo, { 'm.alloy': 'two' })
    t.equal((await module.read())[0]!.text, 'two')
    const [folder] = readdirSync(join(repo, '../storage'))
    t.equal(readdirSync(join(repo, '../storage', folder!)).length, 2, 'the clone and one commit')
    execFileSync('mv', [join(repo, '.git'), join(repo, '.gone')])
    await t.rejects(module.read(), { code: 'IO', message: /^git fetch failed: / })
    t.equal((await open({ repository: repo }).read())[0]!.text, 'two', 'a new start takes what it has')
  },
)

void t.test('what is not there, and ways out of the repository', async (t) => {
  const repo = repository(t, { 'm.alloy': '', 'empty/x.txt': '' })
  symlinkSync('/etc', join(repo, 'link'))
  commit(repo, { 'more.alloy': '' })
  for (const [more, message] of [
    [{ path: 'none.alloy' }, /the repository has no "none.alloy"/],
    [{ path: 'empty' }, /has no \*\.alloy files/],
    [{ path: '../../..' }, /leads out of the repository/],
    [{ path: 'link/passwd' }, /leads out of the repository/],
    [{ revision: 'nope' }, /^git fetch failed: /],
  ] as const)
    await t.rejects(open({ repository: repo, ...more }).read(), { message }, JSON.stringify(more))
})

void t.test('arguments that cannot work', (t) => {
  const secret = (text: string) => ({ kind: 'secret', text, optional: false }) as const
  const basic = { username: 'u', password: secret('p') }
  const key = { username: 'git', key: secret(''), key_file: '', passphrase: secret('') }
  for (const [more, refused] of [
    [{ revision: 'HEAD' }, 'BAD_CONFIG revision'],
    [{ revision: '--upload-pack=x' }, 'BAD_CONFIG revision'],
    [{ revision: 'a..b' }, 'BAD_CONFIG revision'],
    [{ ssh_key: key }, 'BAD_CONFIG ssh_key'],
    [{ ssh_key: { ...key, key_file: 'k' }, basic_auth: basic }, 'BAD_CONFIG ssh_key'],
  ] as const)
    t.equal(
      refusal(() => new GitModule(options(more), () => '/nowhere')),
      refused,
    )
  t.end()
})

void t.test('without the git command', async (t) => {
  const repo = repository(t, { 'm.alloy': '' })
  const path = process.env['PATH']
  t.teardown(() => {
    process.env['PATH'] = path
  })
  process.env['PATH'] = join(repo, 'nowhere')
  await t.rejects(open({ repository: repo }).read(), {
    code: 'IO',
    message: /needs the git command, which is not on PATH: install git, or use import.file/,
  })
})

void t.test('in a config: polled, and with files beside it', async (t) => {
  const repo = repository(t, {
    'm.alloy': 'import.file "f" { filename = "x" }',
    'dir/m.alloy': 'declare "it" { test.sink "s" { value = "one" } }',
  })
  const bench = supervised(t)
  const config = `import.git "g" {\n  repository = "${repo}"\n  path = "dir"\n}\ng.it "i" { }`
  t.same(await bench.check(config), [])
  t.same(await bench.load(config), [])
  t.equal(bench.value('g.it.i/test.sink.s'), 'one')
  commit(repo, { 'dir/m.alloy': 'declare "it" { test.sink "s" { value = "two" } }' })
  bench.clock.advance(60_000)
  await until(() => {
    bench.clock.advance(0)
    return bench.value('g.it.i/test.sink.s') === 'two'
  })
  t.same(bench.errors, [])
})
