import t from 'tap'
import { contains, negate } from '../../../../lib/go/regexp/charset.ts'
import { foldCase, unicodeClass } from '../../../../lib/go/regexp/unicode.ts'

const chars = (set: readonly number[], from: string): string =>
  [...from].filter((char) => contains(set, char.codePointAt(0)!)).join('')

void t.test('names as Go looks them up', (t) => {
  t.equal(chars(unicodeClass('Lu')!, 'aAÉé1'), 'AÉ')
  t.equal(chars(unicodeClass('greek')!, 'aαΩ'), 'αΩ')
  t.equal(chars(unicodeClass('Old_Italic')!, 'a\u{10300}'), '\u{10300}')
  t.strictSame(unicodeClass('lowercase letter'), unicodeClass('Ll'))
  t.strictSame(unicodeClass('Any'), [0, 0x10_ff_ff])
  t.strictSame(unicodeClass('ASCII'), [0, 127])
  t.strictSame(unicodeClass('Cs'), [0xd8_00, 0xdf_ff])
  t.strictSame(unicodeClass('Assigned'), negate(unicodeClass('Cn')!))
  for (const name of ['Klingon', '', ' ', 'Alphabetic', 'Script=Greek', '1'])
    t.equal(unicodeClass(name), undefined, name)
  t.end()
})

void t.test('scans give what the engine says', (t) => {
  const set = unicodeClass('L')!
  for (let codePoint = 0; codePoint < 0x11_00_00; codePoint += 97) {
    if (/^\p{L}$/u.test(String.fromCodePoint(codePoint)) !== contains(set, codePoint))
      t.fail(String(codePoint))
  }
  t.ok(contains(set, 97))
  t.end()
})

void t.test('simple folding', (t) => {
  t.strictSame(foldCase([107, 107]), [75, 75, 107, 107, 0x21_2a, 0x21_2a])
  t.ok(contains(foldCase([115, 115]), 0x1_7f), 's folds to the long s')
  t.strictSame(foldCase([0xdf, 0xdf]), [0xdf, 0xdf, 0x1e_9e, 0x1e_9e])
  t.strictSame(foldCase([0x3_c3, 0x3_c3]), [0x3_a3, 0x3_a3, 0x3_c2, 0x3_c3])
  t.strictSame(foldCase([0x1_31, 0x1_31]), [0x1_31, 0x1_31], 'the dotless i is alone')
  t.strictSame(foldCase([48, 57]), [48, 57])
  t.strictSame(foldCase([0x1_04_00, 0x1_04_00]), [0x1_04_00, 0x1_04_00, 0x1_04_28, 0x1_04_28])
  t.end()
})
