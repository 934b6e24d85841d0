/** Functions of Go's strings package whose results could grow without bound; in templates they are bounded. */
import { replace, splitN } from '../strings/edit.ts'
import { MAX_TEXT, checkList, checkText } from './limits.ts'
import { fault } from './value.ts'

/** `strings.Replace`. Throws for a result that is too long. */
export function boundedReplace(text: string, old: string, replacement: string, count: number): string {
  return replace(text, old, replacement, count, checkText)
}

/** `strings.SplitN`. Throws for too many pieces. */
export function boundedSplit(text: string, separator: string, count: number): string[] {
  const pieces = splitN(text, separator, count)
  checkList(pieces.length)
  return pieces
}

/** `strings.Repeat`. Throws for a negative count, as Go panics, and for a result that is too long. */
export function boundedRepeat(text: string, count: number): string {
  if (count < 0) throw fault('strings: negative Repeat count')
  if (text === '') return ''
  checkText(count > MAX_TEXT ? count : text.length * count)
  return text.repeat(count)
}
