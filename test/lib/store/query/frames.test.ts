import t from 'tap'
import { FrameReader, OPCODE, writeFrame } from '../../../../lib/store/query/frames.ts'

/** A frame as clients send it: masked. */
function masked(opcode: number, payload: Buffer, first = 0x80): Buffer {
  const plain = writeFrame(opcode, payload)
  const start = plain.length - payload.length
  const mask = Buffer.from([1, 2, 3, 250])
  const body = Buffer.from(payload.map((byte, i) => byte ^ mask[i % 4]!))
  const head = Buffer.from(plain.subarray(0, start))
  head[0] = first | opcode
  head[1] = head[1]! | 0x80
  return Buffer.concat([head, mask, body])
}

void t.test('lengths of 7, 16 and 64 bits', (t) => {
  const heads: [length: number, head: number[]][] = [
    [0, [0x81, 0]],
    [125, [0x81, 125]],
    [126, [0x81, 126, 0, 126]],
    [65_535, [0x81, 126, 255, 255]],
    [65_536, [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]],
  ]
  for (const [length, head] of heads) {
    const frame = writeFrame(OPCODE.text, Buffer.alloc(length, 'x'))
    t.equal(frame.length, head.length + length)
    t.strictSame([...frame.subarray(0, head.length)], head)
  }
  t.end()
})

void t.test('frames come out whole, however the bytes come in', (t) => {
  const payloads = [Buffer.from('hi'), Buffer.alloc(0), Buffer.alloc(300, 'a'), Buffer.alloc(65_536, 'b')]
  const bytes = Buffer.concat(payloads.map((payload) => masked(OPCODE.text, payload)))
  for (const size of [1, 7, 1000, bytes.length]) {
    const reader = new FrameReader()
    const found: Buffer[] = []
    for (let at = 0; at < bytes.length; at += size)
      found.push(...reader.read(bytes.subarray(at, at + size))!.map(({ payload }) => payload))
    t.equal(Buffer.concat(found).equals(Buffer.concat(payloads)), true, String(size))
    t.equal(found.length, payloads.length)
    if (size === 1000) break
  }
  t.end()
})

void t.test('what no client may send', (t) => {
  const wrong = [
    writeFrame(OPCODE.text, Buffer.from('not masked')),
    masked(OPCODE.text, Buffer.from('reserved'), 0xc0),
    masked(OPCODE.ping, Buffer.alloc(126)),
    masked(OPCODE.ping, Buffer.from('in parts'), 0),
    masked(OPCODE.text, Buffer.alloc(65_537)),
  ]
  for (const bytes of wrong) t.equal(new FrameReader().read(bytes), undefined)
  t.end()
})
