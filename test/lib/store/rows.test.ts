/** Parcels of rows. */
import t from 'tap'
import { labelSet } from '../../../lib/flow/labels.ts'
import { addRow, emptyParcel, joinParcels } from '../../../lib/store/rows.ts'
import { StreamRecord } from '../../../lib/store/stream-table.ts'

const stream = new StreamRecord(1, labelSet({ a: 'b' }), true)
const parcels = ['one', 'two'].map((line, i) => {
  const parcel = emptyParcel(() => {})
  addRow(parcel, stream, BigInt(i), line, `m${i}`)
  return parcel
})
t.equal(joinParcels(parcels.slice(0, 1)), parcels[0], 'one is not copied')
t.match(joinParcels(parcels), {
  streams: [stream, stream],
  times: [0n, 1n],
  lines: ['one', 'two'],
  metadata: ['m0', 'm1'],
})
t.ok(joinParcels(parcels).bytes > 10)
