import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { VERSION } from '../../../lib/version.ts'
import { fakeIo, type FakeIo } from '../../support/fake-io.ts'

async function run(...args: string[]): Promise<{ code: number; io: FakeIo }> {
  const io = fakeIo()
  return { code: await main(args, io), io }
}

void t.test('version and help', async (tap) => {
  for (const word of ['--version', 'version']) {
    const { code, io } = await run(word)
    tap.same([code, io.out(), io.err()], [0, `logstream ${VERSION}\n`, ''])
  }
  const { code, io } = await run('--help')
  tap.equal(code, 0)
  const names = [...io.out().matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, name]) => name!)
  tap.ok(names.includes('run') && names.includes('validate') && names.length >= 7, names.join(' '))
  for (const name of names) {
    const help = await run(name, '--help')
    tap.equal(help.code, 0)
    tap.match(help.io.out(), /^Usage: logstream|^\s*Usage:/, `${name} --help`)
    tap.equal((await run(name, '-h')).io.out(), help.io.out())
    const long = help.io
      .out()
      .split('\n')
      .filter((line) => line.length > 92)
    tap.same(long, [], `${name} --help fits a terminal`)
  }
})

void t.test('mistakes go to stderr with status 1', async (tap) => {
  const cases: [string[], RegExp][] = [
    [
      ['vaildate'],
      /^logstream: there is no command "vaildate"\. Did you mean validate\? See: logstream --help\n$/,
    ],
    [['validate'], /needs one CONFIG/],
    [['validate', 'a', 'b'], /needs one CONFIG/],
    [['validate', '--stability.level=beta', 'a'], /--stability\.level must be one of/],
    [['validate', '/no/such/file'], /cannot read the config \/no\/such\/file/],
    [['test'], /needs at least one FILE/],
    [['fmt', '--nope'], /--nope/],
  ]
  for (const [args, message] of cases) {
    const { code, io } = await run(...args)
    tap.same([code, io.out()], [1, ''], args.join(' '))
    tap.match(io.err(), message)
  }
})

void t.test('on a terminal without a word: usage', async (tap) => {
  const io = fakeIo()
  Object.assign(io.stdin, { isTTY: true })
  tap.equal(await main([], io), 1)
  tap.match(io.err(), /Commands:/)
})
