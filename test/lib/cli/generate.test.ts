import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { main } from '../../../lib/cli/main.ts'
import { fakeIo } from '../../support/fake-io.ts'

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const io = fakeIo()
  const code = await main(['generate', ...args], io)
  return { code, out: io.out(), err: io.err() }
}

void t.test('so many lines, the same for the same seed', async (tap) => {
  const first = await run('--rate', '0', '--count', '2500', '--seed', '5')
  tap.equal(first.code, 0)
  const lines = first.out.trimEnd().split('\n')
  tap.equal(lines.length, 2500)
  tap.equal((await run('--rate', '0', '--count', '2500', '--seed', '5')).out, first.out)
  tap.not((await run('--rate', '0', '--count', '2500', '--seed', '6')).out, first.out)
  tap.match(lines[0], /^2026-01-01/)
  const later = await run(
    '--rate',
    '0',
    '--count',
    '1',
    '--seed',
    '5',
    '--start',
    '2030-05-06T00:00:00Z',
    '--bad',
    '0',
  )
  tap.match(later.out, /^2030-05-06\|00:00:00\.000\|/)
})

void t.test('into a file, appended to what is there', async (tap) => {
  const file = join(tap.testdir({ 'a.log': 'first\n' }), 'a.log')
  tap.equal((await run('--rate', '0', '--count', '2', file)).code, 0)
  const lines = readFileSync(file, 'utf8').split('\n')
  tap.same([lines.length, lines[0]], [4, 'first'])
  tap.match(await run('--count', '1', '/no/such/folder/a.log'), {
    code: 1,
    err: /cannot write \/no\/such\/folder/,
  })
})

void t.test('without an end until a signal', async (tap) => {
  const io = fakeIo()
  const running = main(['generate', '--rate', '0'], io)
  while (io.out() === '') await turn()
  io.signal('SIGINT')
  tap.equal(await running, 0)
})

void t.test('waits for a slow reader, and ends quietly when it has gone', async (tap) => {
  let taken = 0
  const stdout = new Writable({
    highWaterMark: 1,
    write: (chunk: Buffer, _encoding, done) => {
      taken += chunk.length
      if (taken < 500_000) setImmediate(done)
      else done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const gone = once(stdout, 'error').catch((error: unknown) => error)
  const io = { ...fakeIo(), stdout }
  tap.equal(await main(['generate', '--rate', '0'], io), 0)
  await gone
  tap.ok(taken < 1_000_000, 'nothing piled up')
})

void t.test('mistakes', async (tap) => {
  const cases: [string[], RegExp][] = [
    [['--rate', 'x'], /--rate must be a number from 0/],
    [['--rate', '-1'], /--rate/],
    [['--bad', '2'], /--bad must be a number from 0 to 1, found "2"/],
    [['--seed', ''], /--seed/],
    [['--start', 'noon'], /--start must be a time such as/],
    [['a', 'b'], /takes one FILE/],
  ]
  for (const [args, message] of cases) tap.match(await run(...args), { code: 1, out: '', err: message })
})
