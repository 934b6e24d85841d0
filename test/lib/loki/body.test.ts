/** Bodies: bounded, packed or not. */
import { deflateRawSync, gzipSync } from 'node:zlib'
import { compressSync } from 'snappy'
import t from 'tap'
import { decodeBody, readBody, unsnappy } from '../../../lib/loki/body.ts'
import { incomingMessage } from '../../support/http-request.ts'

const hello = Buffer.from('hello')
const zeros = Buffer.alloc(100_000)

void t.test('reading', async (t) => {
  t.same(await readBody(incomingMessage({}, ['hel', 'lo']), 5), { ok: true, bytes: hello })
  t.match(await readBody(incomingMessage({}, ['hel', 'lo']), 4), { ok: false, status: 413 })
  t.match(await readBody(incomingMessage({ 'content-length': '9' }), 4), { ok: false, status: 413 })
  const broken = incomingMessage()
  broken.destroy(new Error('gone'))
  t.match(await readBody(broken, 4), { ok: false, status: 400, message: /ended early/ })
})

void t.test('unpacking', async (t) => {
  t.same(await decodeBody(hello, '', 5), { ok: true, bytes: hello })
  t.same(await decodeBody(hello, 'snappy', 5), { ok: true, bytes: hello }, 'the block is the format itself')
  t.same(await decodeBody(gzipSync(hello), 'gzip', 5), { ok: true, bytes: hello })
  t.same(await decodeBody(deflateRawSync(hello), 'deflate', 5), { ok: true, bytes: hello })
  t.match(await decodeBody(gzipSync(zeros), 'gzip', 99_999), { ok: false, status: 413 })
  t.match(await decodeBody(hello, 'gzip', 99), { ok: false, status: 400 })
  t.match(await decodeBody(hello, 'br', 99), { ok: false, status: 400, message: /"br" is not supported/ })
  t.same(await unsnappy(compressSync(hello), 5), { ok: true, bytes: hello })
  t.match(await unsnappy(compressSync(zeros), 99_999), { ok: false, status: 413 })
  for (const bad of [Buffer.alloc(0), hello, Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff])])
    t.match(await unsnappy(bad, 1e12), { ok: false, status: 400 })
})
