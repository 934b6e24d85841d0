/** Answers of an OTLP receiver: their bytes in protobuf, and their JSON. */
import t from 'tap'
import { exportedJson, exportedProtobuf, statusJson, statusProtobuf } from '../../../lib/otlp/answers.ts'

void t.test('a status', (t) => {
  t.same(statusProtobuf({ message: 'no' }), Buffer.from([0x12, 2, 0x6e, 0x6f]))
  t.same(statusProtobuf({ message: 'x'.repeat(300) }).subarray(0, 3), Buffer.from([0x12, 0xac, 2]))
  const retry = statusProtobuf({ message: 'no', code: 14, retryAfterS: 200 })
  t.equal(
    retry.toString('latin1'),
    '\x08\x0e\x12\x02no\x1a\x31\x0a\x28type.googleapis.com/google.rpc.RetryInfo\x12\x05\x0a\x03\x08\xc8\x01',
  )
  t.equal(statusJson({ message: 'no', code: 3 }), '{"code":3,"message":"no"}')
  t.end()
})

void t.test('success, and what it leaves out', (t) => {
  t.same(exportedProtobuf(undefined), Buffer.alloc(0))
  t.equal(exportedJson(undefined), '{}')
  const partial = { rejected: 300, message: 'old' }
  t.same(exportedProtobuf(partial), Buffer.from([0x0a, 8, 0x08, 0xac, 2, 0x12, 3, 0x6f, 0x6c, 0x64]))
  t.equal(exportedJson(partial), '{"partialSuccess":{"rejectedLogRecords":"300","errorMessage":"old"}}')
  t.end()
})
