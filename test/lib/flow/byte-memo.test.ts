/** What is remembered by bytes is what would be worked out again. */
import t from 'tap'
import { NO_ACK } from '../../../lib/flow/ack.ts'
import { ByteMemo } from '../../../lib/flow/byte-memo.ts'
import { Columns } from '../../../lib/flow/columns.ts'

const columns = (text: string): Columns =>
  new Columns({
    size: 0,
    bytes: Buffer.from(text),
    ascii: false,
    starts: new Int32Array(0),
    ends: new Int32Array(0),
    seconds: new Float64Array(0),
    nanos: new Int32Array(0),
    sets: [],
    set: new Int32Array(0),
    ack: NO_ACK,
  })

void t.test(
  'texts that share a slot are told apart, and one that comes again is not worked out again',
  (tap) => {
    let made = 0
    const memo = new ByteMemo((text) => {
      made++
      return `<${text}>`
    })
    const ask = (text: string): string => memo.of(columns(`..${text}..`), 2, 2 + Buffer.byteLength(text))
    // Far more than there are slots.
    const texts = Array.from({ length: 2000 }, (_, i) => `é${i}`)
    tap.same(
      texts.map(ask),
      texts.map((text) => `<${text}>`),
    )
    tap.equal(made, texts.length)
    tap.same([ask('é1999'), ask(''), ask('é')], ['<é1999>', '<>', '<é>'])
    tap.equal(made, texts.length + 2)
    tap.equal(ask('x'.repeat(40)), `<${'x'.repeat(40)}>`)
    tap.end()
  },
)
