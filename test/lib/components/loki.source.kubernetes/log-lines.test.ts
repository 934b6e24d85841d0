/** The log of a container, cut into lines wherever its chunks end. */
import fc from 'fast-check'
import t from 'tap'
import { PodLogLines } from '../../../../lib/components/loki.source.kubernetes/log-lines.ts'

interface Read {
  readonly nanos: number | undefined
  readonly text: string
  readonly cut: number
}

function read(chunks: readonly Buffer[], limit = 1000): Read[] {
  const lines = new PodLogLines(limit)
  const all = chunks.flatMap((chunk) => [...lines.push(chunk)])
  const rest = lines.end()
  return [...all, ...(rest === undefined ? [] : [rest])].map(({ time, bytes, from, to, cut }) => ({
    nanos: time?.nanos,
    text: bytes.toString('utf8', from, to),
    cut,
  }))
}

void t.test('chunks may end anywhere', (tap) => {
  const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((each) => each.replace(/[\r\n]/g, ' '))
  fc.assert(
    fc.property(fc.array(text), fc.array(fc.nat(200)), fc.boolean(), (texts, cuts, terminated) => {
      const log = texts
        .map((each, i) => `2026-11-29T08:00:00.${String(i).padStart(9, '0')}Z ${each}`)
        .join('\n')
      const bytes = Buffer.from(terminated && log !== '' ? `${log}\n` : log)
      const at = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b), bytes.length]
      const chunks = at.slice(1).map((end, i) => bytes.subarray(at[i], end))
      tap.same(
        read(chunks),
        texts.map((each, i) => ({ nanos: i, text: each, cut: 0 })),
      )
    }),
    { numRuns: 50 },
  )
  tap.end()
})

void t.test('what is not a line of a container is text without a time', (tap) => {
  tap.same(
    read([
      Buffer.from('unable to retrieve container logs\n\n2026-11-29 no time\n2026-11-29T08:00:00Z x\r\n'),
    ]),
    [
      { nanos: undefined, text: 'unable to retrieve container logs', cut: 0 },
      { nanos: undefined, text: '', cut: 0 },
      { nanos: undefined, text: '2026-11-29 no time', cut: 0 },
      { nanos: 0, text: 'x', cut: 0 },
    ],
  )
  tap.end()
})

void t.test('a line that never ends takes no more memory than the limit', (tap) => {
  const start = Buffer.from('2026-11-29T08:00:00Z abc')
  tap.same(
    read([start, ...Array.from({ length: 50 }, () => Buffer.alloc(100, 'x')), Buffer.from('\nnext')], 100),
    [
      { nanos: 0, text: `abc${'x'.repeat(76)}`, cut: 4924 },
      { nanos: undefined, text: 'next', cut: 0 },
    ],
  )
  tap.end()
})
