import t from 'tap'
import { keptBody, releaseBody } from '../../../lib/loki/kept-bodies.ts'

const KB = 1024

void t.test('a body that was accepted leaves its memory to the next', (tap) => {
  const first = keptBody(Buffer.alloc(100 * KB, 1))
  const second = keptBody(Buffer.alloc(100 * KB, 2))
  tap.not(first.buffer, second.buffer)
  tap.ok(first.equals(Buffer.alloc(100 * KB, 1)))
  releaseBody(first)
  releaseBody(first)
  const third = keptBody(Buffer.alloc(90 * KB, 3))
  tap.equal(third.buffer, first.buffer)
  tap.ok(third.equals(Buffer.alloc(90 * KB, 3)))
  tap.not(keptBody(Buffer.alloc(100 * KB)).buffer, first.buffer, 'released twice, it is given once')
  tap.ok(second.equals(Buffer.alloc(100 * KB, 2)))
  tap.end()
})

void t.test('memory that is far too large, or was never lent, is left alone', (tap) => {
  const large = keptBody(Buffer.alloc(500 * KB))
  releaseBody(large)
  tap.not(keptBody(Buffer.alloc(40 * KB)).buffer, large.buffer)
  const few = Buffer.alloc(1000)
  tap.equal(keptBody(few), few, 'few bytes are not copied')
  const foreign = Buffer.alloc(300 * KB)
  releaseBody(foreign)
  tap.not(keptBody(Buffer.alloc(300 * KB)).buffer, foreign.buffer)
  tap.end()
})

void t.test('what waits for another body is bounded, and the oldest goes first', (tap) => {
  const old = keptBody(Buffer.alloc(700 * KB))
  const bodies = Array.from({ length: 40 }, () => keptBody(Buffer.alloc(200 * KB)))
  releaseBody(old)
  for (const body of bodies) releaseBody(body)
  tap.not(keptBody(Buffer.alloc(700 * KB)).buffer, old.buffer)
  const again = Array.from({ length: 40 }, () => keptBody(Buffer.alloc(200 * KB)))
  const memory = new Set(bodies.map(({ buffer }) => buffer))
  tap.equal(again.filter(({ buffer }) => memory.has(buffer)).length, Math.floor(4096 / 208))
  tap.end()
})
