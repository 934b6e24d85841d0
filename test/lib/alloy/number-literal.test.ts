import t from 'tap'
import { parseNumberLiteral } from '../../../lib/alloy/number-literal.ts'

void t.test('numbers as Alloy reads them', async (t) => {
  const cases: [string, bigint | number | undefined][] = [
    ['0', 0n],
    ['007', 7n],
    ['010', 8n],
    ['08', 8],
    ['09.5', 9.5],
    ['9223372036854775808', 2n ** 63n],
    ['18446744073709551615', 2n ** 64n - 1n],
    ['18446744073709551616', 2 ** 64],
    ['0777777777777777777777777', Number('7'.repeat(24))],
    ['5.', 5],
    ['.5', 0.5],
    ['1E-2', 0.01],
    ['1e999', undefined],
    ['9'.repeat(400), undefined],
    ['0x1F', undefined],
    ['1_000', undefined],
    ['1e', undefined],
    ['.', undefined],
    ['', undefined],
  ]
  for (const [raw, value] of cases) t.equal(parseNumberLiteral(raw), value, raw.slice(0, 30))
})
