/** Bounds on what one execution may do, so that no template can eat the process. */
import { fault } from './value.ts'

/** Characters of one string or of the whole output. */
export const MAX_TEXT = 16 * 1024 * 1024
/** Elements of one list. */
export const MAX_LIST = 1_000_000
/** Function calls and loop rounds of one execution. */
export const MAX_STEPS = 1_000_000
/** Templates within templates. */
export const MAX_DEPTH = 500
/** Parentheses and blocks within each other. */
export const MAX_NESTING = 250
/** Values visited by one function that walks a whole structure (printing, JSON, comparing, copying). */
const MAX_VISITS = 2_000_000

/** Fails for a text that would be too long. */
export function checkText(length: number): void {
  if (length > MAX_TEXT)
    throw fault(`a text of more than ${MAX_TEXT} characters; make the template's output smaller`)
}

/** Fails for a list that would be too long. */
export function checkList(length: number): void {
  if (length > MAX_LIST) throw fault(`a list of more than ${MAX_LIST} elements; use a smaller one`)
}

/** A count of visited values that ends walks over structures which share or contain themselves. */
export interface Visits {
  left: number
}

export function visits(): Visits {
  return { left: MAX_VISITS }
}

export function visit(count: Visits): void {
  if (--count.left < 0) throw fault(`a value of more than ${MAX_VISITS} parts, or one that contains itself`)
}
