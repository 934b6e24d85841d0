import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { formatFloat, formatFloatE, formatFloatG, parseFloat } from '../../../../lib/go/strconv/number.ts'
import { parseInt64 } from '../../../../lib/go/strconv/integer.ts'

interface Recorded {
  format: { x: string; f: string; e: string; g: string }[]
  parse: { text: string; float: string | null; int: string | null }[]
}
const recorded = JSON.parse(readFileSync('fixtures/go/strconv/number.json', 'utf8')) as Recorded

/** The recorded texts have 17 digits, so that Number() restores the exact value. */
function exact(text: string): number {
  if (text === 'NaN') return NaN
  return text.endsWith('Inf') ? Number(`${text}inity`) : Number(text)
}

void t.test('prints as the recorded Go program does', async (t) => {
  for (const { x, f, e, g } of recorded.format) {
    t.equal(formatFloat(exact(x)), f, `f of ${x}`)
    t.equal(formatFloatE(exact(x)), e, `e of ${x}`)
    t.equal(formatFloatG(exact(x)), g, `g of ${x}`)
  }
})

void t.test('reads as the recorded Go program does', async (t) => {
  for (const { text, float, int } of recorded.parse) {
    t.ok(
      Object.is(parseFloat(text), float === null ? undefined : exact(float)),
      `float ${JSON.stringify(text)}`,
    )
    t.equal(parseInt64(text), int === null ? undefined : BigInt(int), `integer ${JSON.stringify(text)}`)
  }
})

void t.test('reads back what it prints', async () => {
  fc.assert(fc.property(fc.double(), (x) => Object.is(parseFloat(formatFloat(x)), x)))
  fc.assert(fc.property(fc.double(), (x) => Object.is(parseFloat(formatFloatG(x)), x)))
  fc.assert(fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (n) => parseInt64(String(n)) === n))
})

void t.test('never throws', async () => {
  fc.assert(fc.property(fc.string(), (text) => ['number', 'undefined'].includes(typeof parseFloat(text))))
})
