import fc from 'fast-check'
import t from 'tap'
import { parseRaw } from '../../../../lib/formats/syslog/raw.ts'

void t.test('reads a priority where there is one', async (t) => {
  const cases: [text: string, priority: number | undefined, message: string | undefined][] = [
    ['<134> CEF:0|a|b', 134, 'CEF:0|a|b'],
    ['CEF:0|a|b', undefined, 'CEF:0|a|b'],
    ['<255>x', 255, 'x'],
    ['<256>x', undefined, '<256>x'],
    ['<>x', undefined, '<>x'],
    ['<12x>y', undefined, '<12x>y'],
    ['  <13>  spaced \r\n', 13, 'spaced'],
    ['<13>', 13, undefined],
    [' \n', undefined, undefined],
  ]
  for (const [text, priority, message] of cases)
    t.strictSame(parseRaw(text), { version: 0, priority, message }, JSON.stringify(text))
})

void t.test('refuses nothing', async () => {
  fc.assert(fc.property(fc.string(), (text) => parseRaw(`x${text}`).message === `x${text}`.trim()))
})
