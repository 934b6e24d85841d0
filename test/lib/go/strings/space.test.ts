import t from 'tap'
import { isSpace, trimSpace } from '../../../../lib/go/strings/space.ts'

void t.test('Go counts other letters as white space than JavaScript', (t) => {
  const spaces: number[] = []
  for (let code = 0; code <= 0xffff; code++) if (isSpace(code)) spaces.push(code)
  t.same(
    spaces,
    [
      [9, 10, 11, 12, 13, 32, 0x85, 0xa0, 0x1680],
      Array.from({ length: 11 }, (_, i) => 0x2000 + i),
      [0x2028, 0x2029, 0x202f, 0x205f, 0x3000],
    ].flat(),
  )
  t.equal(trimSpace('\u0085\u3000 a b\t\r\n'), 'a b')
  t.equal(trimSpace('\ufeffa'), '\ufeffa')
  t.equal(trimSpace(' \t'), '')
  t.end()
})
