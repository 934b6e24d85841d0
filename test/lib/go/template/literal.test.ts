/** Which types of Go a constant can have. */
import t from 'tap'
import { charConstant, complexConstant, numberConstant } from '../../../../lib/go/template/literal.ts'

void t.test('a number serves as every type that holds it', (tap) => {
  const U64 = (1n << 64n) - 1n
  const cases: [string, unknown, bigint | undefined, bigint | undefined, number | undefined][] = [
    ['1', 1n, 1n, 1n, 1],
    ['0x10', 16n, 16n, 16n, 16],
    ['-1', -1n, -1n, undefined, -1],
    ['-0', 0n, 0n, 0n, 0],
    ['+1', 1n, 1n, undefined, 1],
    [String(U64), undefined, undefined, U64, Number(U64)],
    ['1.0', 1, 1n, 1n, 1],
    ['1e3', 1000, 1000n, 1000n, 1000],
    ['-2.0', -2, -2n, undefined, -2],
    ['1.5', 1.5, undefined, undefined, 1.5],
    ['1e30', 1e30, undefined, undefined, 1e30],
    ['2i', { re: 0, im: 2 }, undefined, undefined, undefined],
    ['0i', { re: 0, im: 0 }, 0n, 0n, 0],
  ]
  for (const [text, ideal, integer, unsigned, float] of cases)
    tap.strictSame(
      numberConstant(3, text),
      { kind: 'number', at: 3, text, ideal, integer, unsigned, float },
      text,
    )
  tap.match(complexConstant(0, '1e-2+3i'), { ideal: { re: 0.01, im: 3 } })
  tap.match(complexConstant(0, '1-0i'), { ideal: { re: 1 }, integer: 1n, float: 1 })
  tap.match(charConstant(0, "'ä'"), { ideal: 228n, integer: 228n, unsigned: 228n, float: 228 })
  tap.match(charConstant(0, "'\\n'"), { integer: 10n })
  tap.end()
})

void t.test('what is none says why', (tap) => {
  tap.equal(numberConstant(0, '18446744073709551616'), 'integer overflow: "18446744073709551616"')
  tap.equal(numberConstant(0, '1__0'), 'illegal number syntax: "1__0"')
  tap.equal(numberConstant(0, '08'), 'integer overflow: "08"')
  tap.equal(complexConstant(0, 'x+1i'), 'illegal number syntax: "x+1i"')
  tap.equal(charConstant(0, "'ab'"), "malformed character constant: 'ab'")
  tap.end()
})
