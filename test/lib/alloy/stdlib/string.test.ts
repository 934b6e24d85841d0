import { inspect } from 'node:util'
import t from 'tap'
import { stringFunctions } from '../../../../lib/alloy/stdlib/string.ts'
import type { Value } from '../../../../lib/alloy/value.ts'

const call = (name: string, ...args: Value[]): Value => stringFunctions.get(name)!.call(args)

void t.test('texts', async (t) => {
  const cases: [string, Value[], Value][] = [
    ['join', [['a', 5n, 2.5], '-'], 'a-5-2.5'],
    ['join', [[], ','], ''],
    ['replace', ['banana', 'a', '$&'], 'b$&n$&n$&'],
    ['replace', ['a🚀', '', '-'], '-a-🚀-'],
    ['replace', ['', '', '-'], '-'],
    ['split', ['a,b,,c', ','], ['a', 'b', '', 'c']],
    ['split', ['', ','], ['']],
    ['split', ['', ''], []],
    ['split', ['a🚀', ''], ['a', '🚀']],
    ['to_upper', ['straße é'], 'STRAßE É'],
    ['to_upper', [5n], '5'],
    ['to_lower', ['ÀΣΣ'], 'àσσ'],
    ['trim', ['?!hello?!', '!?'], 'hello'],
    ['trim', ['🚀a🚀', '🚀'], 'a'],
    ['trim', ['abc', ''], 'abc'],
    ['trim_prefix', ['aab', 'a'], 'ab'],
    ['trim_suffix', ['abb', 'b'], 'ab'],
    ['trim_suffix', ['ab', ''], 'ab'],
    ['trim_space', [' \t\n x y \u00a0\u0085\r\n'], 'x y'],
    ['trim_space', ['\ufeffx'], '\ufeffx'],
  ]
  for (const [name, args, value] of cases) t.strictSame(call(name, ...args), value, inspect([name, args]))
  t.throws(() => call('join', ['a', ['b']], ','), { path: [0, 1], message: 'expected string, found array' })
  t.throws(() => call('format'), /string.format takes at least 1 argument, found 0/)
})
