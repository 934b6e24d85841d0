import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import t from 'tap'
import { limitLines } from '../../../lib/intake/line-limit.ts'

async function limit(max: number, ...chunks: string[]): Promise<[text: string, cuts: number]> {
  let cuts = 0
  const limited = Readable.from(chunks.map((chunk) => Buffer.from(chunk))).compose(
    limitLines(max, () => cuts++),
  )
  return [(await buffer(limited)).toString(), cuts]
}

void t.test('cuts what is longer than the limit', async (t) => {
  const cases: [max: number, chunks: string[], text: string, cuts: number][] = [
    [4, ['abcd\nef\n'], 'abcd\nef\n', 0],
    [4, ['abcdefghij\nk\n'], 'abcd\nefgh\nij\nk\n', 2],
    [4, ['ab', 'cd', 'ef'], 'abcd\nef', 1],
    [4, ['abc\nab', 'cd\nabcde'], 'abc\nabcd\nabcd\ne', 1],
    [4, ['abcü\n'], 'abc\nü\n', 1],
    [4, ['', '\n\n'], '\n\n', 0],
  ]
  for (const [max, chunks, text, cuts] of cases)
    t.strictSame(await limit(max, ...chunks), [text, cuts], JSON.stringify(chunks))
})

void t.test('only line feeds are added, and no line is too long', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '\n', '€', '😀') })
  await fc.assert(
    fc.asyncProperty(fc.array(text), fc.integer({ min: 4, max: 12 }), async (chunks, max) => {
      const [limited, cuts] = await limit(max, ...chunks)
      const whole = chunks.join('')
      const feeds = (of: string): number => of.split('\n').length
      return (
        limited.replaceAll('\n', '') === whole.replaceAll('\n', '') &&
        feeds(limited) === feeds(whole) + cuts &&
        limited.split('\n').every((line) => Buffer.byteLength(line) <= max)
      )
    }),
  )
})
