/** Finds what would be at a place of sorted numbers without sorting all of them. */

/** Fewer numbers are sorted. */
const FEW = 32

/**
 * Moves numbers, none of them NaN, until the one at `place` and the one before it are those that sorting would put there,
 * smaller ones before them and larger ones after: C.A.R. Hoare's "Find", a tenth of the time that sorting takes. Rounds that
 * hardly narrow the search end in sorting the rest. Returns `numbers`.
 */
export function selected(numbers: Float64Array, place: number): Float64Array {
  let left = 0
  let right = numbers.length - 1
  for (let rounds = 2 * Math.ceil(Math.log2(numbers.length + 1)); right - left >= FEW; rounds--) {
    if (rounds === 0) break
    const pivot = median(numbers[left]!, numbers[(left + right) >>> 1]!, numbers[right]!)
    let i = left
    let j = right
    while (i <= j) {
      while (numbers[i]! < pivot) i++
      while (numbers[j]! > pivot) j--
      if (i > j) break
      const swapped = numbers[i]!
      numbers[i++] = numbers[j]!
      numbers[j--] = swapped
    }
    if (place <= j) right = j
    else if (place >= i) left = i
    else left = right = place
  }
  numbers.subarray(left, right + 1).sort()
  if (place > 0) putLargest(numbers, place)
  return numbers
}

function median(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c))
}

/** Puts the largest of the numbers before a place right before it. */
function putLargest(numbers: Float64Array, place: number): void {
  let at = 0
  for (let i = 1; i < place; i++) if (numbers[i]! > numbers[at]!) at = i
  const largest = numbers[at]!
  numbers[at] = numbers[place - 1]!
  numbers[place - 1] = largest
}
