/** Bounds on what one execution may do, so that no template can exhaust the process. */
import { fault } from './value.ts'

/** Characters of one string. */
export const MAX_TEXT = 4 * 1024 * 1024
/** Characters of the whole output. */
export const MAX_OUTPUT = 16 * 1024 * 1024
/** Elements of one list. */
export const MAX_LIST = 1_000_000
/** Templates within templates. */
export const MAX_DEPTH = 500
/** Parentheses and blocks within each other. */
export const MAX_NESTING = 250
/** Units of work of one execution: a call, a loop round, a value looked at, 16 characters, 8 elements. */
export const MAX_WORK = 2_000_000

/** What the running execution has left. Executions are synchronous, so one counter serves all. */
let left = MAX_WORK

/** Starts an execution with a budget of its own. Returns what `endWork` takes. */
export function startWork(): number {
  const outer = left
  left = MAX_WORK
  return outer
}

/** Ends it, so that an execution within another doesn't spend the outer one's budget. */
export function endWork(outer: number): void {
  left = outer
}

/** Counts work. Throws when there was too much. */
export function spend(units: number): void {
  left -= units
  if (left < 0)
    throw fault(
      'the template does too much: too many calls and loop rounds, or strings and lists that are too long',
    )
}

/** Throws for a string that would be too long. */
export function checkText(length: number): void {
  if (length > MAX_TEXT) throw fault(`a text of more than ${MAX_TEXT} characters; make it shorter`)
}

/** Throws for a list that would be too long. */
export function checkList(length: number): void {
  if (length > MAX_LIST) throw fault(`a list of more than ${MAX_LIST} elements; use a smaller one`)
}
