/** The order of rows by time. */

/** Buckets with more rows are a sign that times are spread unevenly. */
const MOST_IN_BUCKET = 64

/**
 * Returns the rows in the order of their times, those of one time by their stream and then as they come. Rows are first put
 * into as many buckets of time as there are rows, so that few are left to compare: 2 ms for 131,072 evenly spread ones.
 */
export function timeOrder(times: Float64Array, streams: Int32Array): Uint32Array {
  const compare = (a: number, b: number): number =>
    times[a]! - times[b]! || streams[a]! - streams[b]! || a - b
  if (isSorted(times, compare)) return inTurn(times.length)
  return bucketOrder(times, compare) ?? inTurn(times.length).sort(compare)
}

function inTurn(count: number): Uint32Array {
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  return order
}

type Compare = (a: number, b: number) => number

function isSorted({ length }: Float64Array, compare: Compare): boolean {
  for (let i = 1; i < length; i++) if (compare(i - 1, i) > 0) return false
  return true
}

/** `undefined` where most rows are in few buckets. */
function bucketOrder(times: Float64Array, compare: Compare): Uint32Array | undefined {
  const { length } = times
  let least = Infinity
  let most = -Infinity
  for (let i = 0; i < length; i++) {
    const time = times[i]!
    if (time < least) least = time
    if (time > most) most = time
  }
  const scale = (length - 1) / Math.max(1, most - least)
  const ends = new Uint32Array(length + 1)
  for (let i = 0; i < length; i++) ends[Math.floor((times[i]! - least) * scale)]!++
  let total = 0
  let largest = 0
  for (let i = 0; i < length; i++) {
    const count = ends[i]!
    if (count > largest) largest = count
    ends[i] = total
    total += count
  }
  if (largest > MOST_IN_BUCKET) return undefined
  const order = new Uint32Array(length)
  for (let row = 0; row < length; row++) order[ends[Math.floor((times[row]! - least) * scale)]!++] = row
  insertionSort(order, compare)
  return order
}

/** Sorts what is nearly in order. */
function insertionSort(order: Uint32Array, compare: Compare): void {
  for (let i = 1; i < order.length; i++) {
    const row = order[i]!
    let at = i
    for (; at > 0 && compare(order[at - 1]!, row) > 0; at--) order[at] = order[at - 1]!
    order[at] = row
  }
}
