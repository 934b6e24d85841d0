/**
 * Byte lists: the results of the base64 functions. To every operator they are arrays of numbers, but where a
 * string is wanted they are their text, as in Alloy.
 */
import type { Value } from './value.ts'

const byteLists = new WeakMap<object, Uint8Array>()

/** A fresh array value of these bytes that also fits where a string is wanted. */
export function bytesValue(bytes: Uint8Array): readonly Value[] {
  const list: readonly Value[] = Array.from(bytes, (byte) => BigInt(byte))
  byteLists.set(list, bytes)
  return list
}

/** The bytes of a value made by `bytesValue`; undefined for every other value. */
export function bytesOf(value: Value): Uint8Array | undefined {
  return Array.isArray(value) ? byteLists.get(value) : undefined
}
