import t from 'tap'
import { encodingNamed, markOf, UTF8 } from '../../../lib/intake/encoding.ts'

void t.test('byte order marks, the longest that fits', async (t) => {
  for (const [bytes, encoding, length] of [
    [[0xef, 0xbb, 0xbf, 0x61], 'utf-8', 3],
    [[0xff, 0xfe, 0x61, 0], 'utf-16le', 2],
    [[0xfe, 0xff, 0, 0x61], 'utf-16be', 2],
    [[0xff, 0xfe, 0, 0], 'utf-32le', 4],
    [[0, 0, 0xfe, 0xff], 'utf-32be', 4],
  ] as const)
    t.strictSame(markOf(Uint8Array.from(bytes), 0, bytes.length), { encoding, length })
  t.equal(markOf(Uint8Array.from([0x61, 0xef, 0xbb]), 0, 3), undefined)
  t.strictSame(markOf(Uint8Array.from([0x61, 0xfe, 0xff]), 1, 3), { encoding: 'utf-16be', length: 2 })
})

void t.test('encodings by their IANA names', async (t) => {
  t.equal(encodingNamed(''), UTF8)
  t.equal(encodingNamed('UTF-8'), UTF8)
  for (const [name, bytes, text] of [
    ['windows-1252', [0x80, 0xe9], '€é'],
    ['ISO-8859-15', [0xa4], '€'],
    ['shift_jis', [0x93, 0xfa, 0x96, 0x7b], '日本'],
    ['GB18030', [0xd6, 0xd0], '中'],
    ['utf-16', [0, 0x61], 'a'],
    ['UTF-32LE', [0x61, 0, 0, 0], 'a'],
  ] as const)
    t.equal(encodingNamed(name).decode?.(Buffer.from(bytes)), text, name)
  t.match(encodingNamed('utf-16be'), { unit: 2, feedAt: 1 })
  t.match(encodingNamed('utf-32le'), { unit: 4, feedAt: 0 })
  t.match(encodingNamed('utf-32'), { unit: 4, feedAt: 3 })
  t.throws(() => encodingNamed('klingon'), { code: 'BAD_ARGUMENT', option: 'encoding', message: /"klingon"/ })
})
