/** OTLP as protobuf. */
import t from 'tap'
import { decodeOtlpProtobuf } from '../../../lib/otlp/otlp-protobuf.ts'
import { bytesField, varintField } from '../../support/push-request.ts'

const join = (...parts: Buffer[]): Buffer => Buffer.concat(parts)
const fixed64 = (number: number, value: bigint): Buffer => {
  const bytes = Buffer.alloc(9)
  bytes[0] = number * 8 + 1
  bytes.writeBigUInt64LE(value, 1)
  return bytes
}
const pair = (key: string, value: Buffer): Buffer => join(bytesField(1, key), bytesField(2, value))
const text = bytesField(1, 's')
const double = Buffer.alloc(9)
double[0] = 4 * 8 + 1
double.writeDoubleLE(1.5, 1)
const minusOne = Buffer.from([3 * 8, ...Array.from({ length: 9 }, () => 0xff), 1])
const values: Buffer[] = [
  text,
  varintField(2, 1),
  minusOne,
  double,
  bytesField(5, bytesField(1, text)),
  bytesField(6, bytesField(1, pair('k', text))),
  bytesField(7, 'hi'),
  Buffer.alloc(0),
]
const record = join(
  fixed64(1, 5n),
  varintField(2, 9),
  bytesField(3, 'Info'),
  bytesField(5, text),
  ...values.map((value) => bytesField(6, pair('a', value))),
  varintField(7, 2),
  Buffer.from([8 * 8 + 5, 1, 0, 0, 0]),
  bytesField(9, Buffer.from([0xab, 1])),
  bytesField(10, Buffer.alloc(8)),
  fixed64(11, 6n),
  bytesField(12, 'paid'),
)
const scope = join(bytesField(1, 'n'), bytesField(2, 'v'), bytesField(3, pair('sk', text)), varintField(4, 3))
const request = bytesField(
  1,
  join(
    bytesField(1, bytesField(1, pair('r', text))),
    bytesField(2, join(bytesField(1, scope), bytesField(2, record))),
  ),
)
t.same(decodeOtlpProtobuf(request), {
  ok: true,
  resources: [
    {
      attributes: [['r', 's']],
      scopes: [
        {
          name: 'n',
          version: 'v',
          droppedAttributes: 3,
          attributes: [['sk', 's']],
          records: [
            {
              time: 5n,
              observed: 6n,
              severityNumber: 9,
              severityText: 'Info',
              body: 's',
              droppedAttributes: 2,
              flags: 1,
              traceId: 'ab01',
              spanId: '',
              eventName: 'paid',
              attributes: ['s', true, -1n, 1.5, ['s'], { pairs: [['k', 's']] }, Buffer.from('hi'), null].map(
                (value) => ['a', value],
              ),
            },
          ],
        },
      ],
    },
  ],
})
let deep = text
for (let i = 0; i < 200; i++) deep = bytesField(5, bytesField(1, deep))
const deepRequest = bytesField(1, bytesField(2, bytesField(2, bytesField(5, deep))))
t.match(decodeOtlpProtobuf(deepRequest), { ok: false, error: /nested/ })
t.match(decodeOtlpProtobuf(Buffer.from([0x0a, 9])), {
  ok: false,
  error: /^expected an OTLP export as protobuf/,
})
