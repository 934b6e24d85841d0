import t from 'tap'
import { expectChar, readPriority, type Cursor } from '../../../../lib/formats/syslog/cursor.ts'

void t.test('priorities', async (t) => {
  const cases: [text: string, value: number | undefined][] = [
    ['<0>', 0],
    ['<191>x', 191],
    ['<192>', undefined],
    ['<01>', undefined],
    ['<>', undefined],
    ['<1', undefined],
    ['1>', undefined],
    ['<0000000001>', undefined],
  ]
  for (const [text, value] of cases) {
    const cursor: Cursor = { text, at: 0, expected: undefined }
    const read = readPriority(cursor)
    t.equal(cursor.expected === undefined ? read : undefined, value, text)
  }
})

void t.test('the first failure stays', async (t) => {
  const cursor: Cursor = { text: 'ab', at: 0, expected: undefined }
  expectChar(cursor, 'a')
  expectChar(cursor, ' ')
  expectChar(cursor, 'b')
  t.strictSame(cursor, { text: 'ab', at: 1, expected: 'a space' })
})
