import t from 'tap'
import { mayColour, takeColour } from '../../../lib/cli/colour.ts'
import type { Io } from '../../../lib/cli/io.ts'
import { fakeIo } from '../../support/fake-io.ts'

void t.test('colour on a terminal; the flag decides first, then the environment', (tap) => {
  const io = (isTTY: boolean, env: Io['env'] = {}, colour: Io['colour'] = 'auto'): Io => {
    const fake = fakeIo('', env)
    return { ...fake, colour, stdout: Object.assign(fake.stdout, { isTTY }) }
  }
  tap.equal(mayColour(io(true)), true)
  tap.equal(mayColour(io(false)), false)
  tap.equal(mayColour(io(true), 'stderr'), false, 'each stream by itself')
  tap.equal(mayColour(io(true, { NO_COLOR: '' })), true)
  tap.equal(mayColour(io(true, { NO_COLOR: '1' })), false)
  tap.equal(mayColour(io(true, { TERM: 'dumb' })), false)
  tap.equal(mayColour(io(false, { FORCE_COLOR: '1' })), true)
  tap.equal(mayColour(io(false, { FORCE_COLOR: '' })), true)
  tap.equal(mayColour(io(true, { FORCE_COLOR: '0' })), false)
  tap.equal(mayColour(io(false, { FORCE_COLOR: '1', NO_COLOR: '1' })), true, 'as in Node')
  tap.equal(mayColour(io(false, { NO_COLOR: '1' }, 'always')), true)
  tap.equal(mayColour(io(true, { FORCE_COLOR: '1' }, 'never')), false)
  tap.end()
})

void t.test('--color is taken out of the line', (tap) => {
  const cases: [string[], string[], string][] = [
    [['query', 'x'], ['query', 'x'], 'auto'],
    [['--color=never', 'query', 'x'], ['query', 'x'], 'never'],
    [['query', '--color', 'always', 'x'], ['query', 'x'], 'always'],
    [['query', '--color', 'x'], ['query', 'x'], 'always'],
    [['explain', '--', '--color=never'], ['explain', '--', '--color=never'], 'auto'],
  ]
  for (const [args, rest, colour] of cases) tap.same(takeColour(args), { rest, colour }, args.join(' '))
  for (const word of ['--color=', '--color=red'])
    tap.throws(() => takeColour([word]), { code: 'BAD_USAGE', message: /auto, always, never/ })
  tap.end()
})
