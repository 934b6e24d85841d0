import t from 'tap'
import { parseCri } from '../../../lib/formats/cri.ts'

void t.test('lines', (t) => {
  const line = (time: string, stream: string, partial: boolean, content: string): object => ({
    time,
    stream,
    partial,
    content,
  })
  const cases: [string, object | undefined][] = [
    ['T stdout F text', line('T', 'stdout', false, 'text')],
    ['T stderr P  text ', line('T', 'stderr', true, ' text ')],
    ['T stdout Full', line('T', 'stdout', false, 'ull')],
    ['T stdout text', line('T', 'stdout', false, 'text')],
    ['T stdout ', line('T', 'stdout', false, '')],
    [' stdout F x', line('', 'stdout', false, 'x')],
    ['T stdout', undefined],
    ['T stdoutF x', undefined],
    ['T\tstdout F x', undefined],
    ['T  stdout F x', undefined],
    ['T stdin F x', undefined],
    ['stdout', undefined],
    ['', undefined],
  ]
  for (const [text, expected] of cases) t.same(parseCri(text), expected, JSON.stringify(text))
  t.end()
})
