/** Pushes as protobuf. */
import t from 'tap'
import { decodeProtobufPush } from '../../../lib/loki/push-protobuf.ts'
import { pushRequest } from '../../support/push-request.ts'

const entry = { seconds: 5, nanos: 7, line: 'hello', structuredMetadata: [['k', 'v']] as const }
const decoded = decodeProtobufPush(pushRequest([['{b="2", a="1", c=""}', [entry]]]))
t.ok(decoded.ok)
if (decoded.ok) {
  t.equal(decoded.streams[0]?.labels.text, '{a="1", b="2"}', 'sorted, without empty values')
  t.same(decoded.streams[0]?.entries, [{ ...entry, structuredMetadata: [['k', 'v']] }])
}
t.match(decodeProtobufPush(pushRequest([['{a=', [entry]]])), { ok: false, error: /expected labels such as/ })
t.match(decodeProtobufPush(Buffer.from([0x0a, 0x7f])), { ok: false })
t.same(decodeProtobufPush(Buffer.alloc(0)), { ok: true, streams: [] })
t.match(
  decodeProtobufPush(pushRequest([['{a="1", b="2", a="1"}', [entry]]])),
  { ok: false, error: /has the label "a" twice/ },
  'also with the same value',
)
