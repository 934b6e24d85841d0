import t from 'tap'
import { LogfmtReader } from '../../../../lib/logql/stages/logfmt-scan.ts'

const reader = new LogfmtReader()

function read(line: string): { pairs: string[]; problem: string | undefined } {
  const pairs: string[] = []
  reader.start(line)
  while (!reader.done) if (reader.read()) pairs.push(`${reader.key}=${reader.value}`)
  return { pairs, problem: reader.problem }
}

void t.test('pairs, and what is skipped', (tap) => {
  for (const [line, pairs, problem] of [
    ['a=1  \t b=2', ['a=1', 'b=2'], undefined],
    ['flag a=1', ['flag=', 'a=1'], undefined],
    ['a= b=2', ['a=', 'b=2'], undefined],
    ['a="two words" b=""', ['a=two words', 'b='], undefined],
    ['a="q \\"x\\" \\n \\u00e9 \\\\"', ['a=q "x" \n é \\'], undefined],
    ['a="\\ud83d\\ude00"', ['a=😀'], undefined],
    ['a=b=c d=1', ['d=1'], "4 : unexpected '='"],
    ['=x d=1', ['d=1'], "1 : unexpected '='"],
    ['ba"d=1 d=1', ['d=1'], "3 : unexpected '\"'"],
    ['a="open', [], '8 : unterminated quoted value'],
    ['a="\\x" d=1', ['d=1'], '7 : invalid quoted value'],
    ['ä=1 =', ['ä=1'], "6 : unexpected '='"],
    ['k\ufffd=1 d=1', ['d=1'], '5 : invalid key'],
    ['  ', [], undefined],
  ] as const) {
    const found = read(line)
    tap.same(found.pairs, pairs, line)
    tap.equal(found.problem, problem && `logfmt syntax error at pos ${problem}`, line)
  }
  tap.end()
})
