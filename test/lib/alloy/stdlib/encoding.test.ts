import t from 'tap'
import fc from 'fast-check'
import { bytesOf } from '../../../../lib/alloy/bytes-value.ts'
import { encodingFunctions } from '../../../../lib/alloy/stdlib/encoding.ts'
import type { Value } from '../../../../lib/alloy/value.ts'

const call = (name: string, ...args: Value[]): Value => encodingFunctions.get(name)!.call(args)
const text = (value: Value): string => Buffer.from(bytesOf(value)!).toString()

void t.test('base64', async (t) => {
  t.equal(call('to_base64', 'a?>~ÿ'), 'YT8+fsO/')
  t.equal(call('to_URLbase64', 'a?>~ÿ'), 'YT8-fsO_')
  t.equal(call('to_URLbase64', 'a'), 'YQ==')
  for (const fine of ['YQ==', 'YQ\n=\r=', 'YR==']) t.equal(text(call('from_base64', fine)), 'a', fine)
  t.equal(text(call('from_base64', '')), '')
  t.equal(text(call('from_URLbase64', 'YT8-fsO_')), 'a?>~ÿ')
  for (const bad of ['YQ', 'YQ=', '=', 'Y Q==', 'YQ==YQ==', 'YQ===', '_-8=', '***', 'a=b=']) {
    t.throws(() => call('from_base64', bad), /illegal base64 text at character \d/, bad)
  }
  t.throws(() => call('from_URLbase64', '+/8='), /illegal base64url text at character 1/)
})

void t.test('URL escapes', async (t) => {
  t.equal(call('url_encode', "a b&c=d/é?+~!'()*"), 'a+b%26c%3Dd%2F%C3%A9%3F%2B~%21%27%28%29%2A')
  t.equal(call('url_decode', 'a+b%26c%3D%C3%A9%2B'), 'a b&c=é+')
  t.equal(call('url_decode', '%ff%41'), '\udcffA', 'bytes are kept')
  t.equal(call('url_encode', '\udcff a'), '%FF+a')
  t.equal(call('to_base64', '\udcff'), '/w==')
  t.equal(call('to_URLbase64', '\udcff'), '_w==')
  t.throws(() => call('url_decode', 'a%zzb'), /invalid URL escape "%zz"/)
  t.throws(() => call('url_decode', '100%'), /invalid URL escape "%"/)
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (s) => call('url_decode', call('url_encode', s)) === s),
  )
})

void t.test('JSON', async (t) => {
  t.strictSame(
    call('from_json', '{"a":[1,2.5,null,true,"ü"],"o":{}}'),
    new Map<string, Value>([
      ['a', [1, 2.5, null, true, 'ü']],
      ['o', new Map()],
    ]),
    'every number is a float',
  )
  t.throws(() => call('from_json', '1e999'), /too large for a float/)
  t.equal(
    call(
      'to_json',
      new Map<string, Value>([
        ['b', 1n],
        ['a', '<'],
      ]),
    ),
    '{"a":"\\u003c","b":1}',
  )
  for (const value of [[1n], 'a', null])
    t.throws(() => call('to_json', value), /encoding.to_json takes an object/)
})

void t.test('arguments are converted and counted', async (t) => {
  t.equal(call('to_base64', 5n), 'NQ==')
  t.throws(() => call('to_base64', [1n]), { path: [0], message: 'expected string, found array' })
  t.throws(() => call('to_base64'), /encoding.to_base64 takes 1 argument, found 0/)
})
