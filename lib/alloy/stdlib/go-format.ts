/**
 * Go's fmt.Sprintf over values of the language. Mistakes do not fail: they are printed into the text, such as
 * `%!d(string=abc)`. Rules: https://pkg.go.dev/fmt.
 */
import type { Value } from '../value.ts'
import { formatArgument, goType, plainFlags, type Flags } from './go-verbs.ts'

// Go takes larger widths and precisions for mistakes.
const maxNumber = 1_000_000

interface State {
  readonly format: string
  readonly args: readonly Value[]
  at: number
  next: number
  /** Whether an argument was chosen by `[n]`: then spare arguments are no mistake. */
  reordered: boolean
  goodIndex: boolean
  /** Whether `[n]` stood just before: no width or precision may follow it. */
  afterIndex: boolean
}

/**
 * The text that Go's `fmt.Sprintf(format, args...)` gives. Integers are Go ints (uint64 above int64), floats
 * float64, lists `[]interface {}`, objects `map[string]interface {}`, secrets their text.
 */
export function sprintf(format: string, args: readonly Value[]): string {
  const state: State = { format, args, at: 0, next: 0, reordered: false, goodIndex: true, afterIndex: false }
  let result = ''
  while (state.at < format.length) {
    const percent = format.indexOf('%', state.at)
    if (percent < 0) return result + format.slice(state.at) + extra(state)
    result += format.slice(state.at, percent)
    state.at = percent + 1
    result += directive(state)
  }
  return result + extra(state)
}

function extra(state: State): string {
  if (state.reordered || state.next >= state.args.length) return ''
  const spare = state.args.slice(state.next).map((value) => {
    return value === null ? '<nil>' : `${goType(value)}=${formatArgument(value, 'v', plainFlags())}`
  })
  return `%!(EXTRA ${spare.join(', ')})`
}

// directive = "%" flags [ index ] [ width ] [ "." [ index ] precision ] [ index ] verb
function directive(state: State): string {
  const flags = readFlags(state)
  state.goodIndex = true
  state.afterIndex = false
  readIndex(state)
  let problems = readWidth(state, flags)
  if (state.format[state.at] === '.') {
    state.at++
    if (state.afterIndex) state.goodIndex = false
    readIndex(state)
    problems += readPrecision(state, flags)
  }
  if (!state.afterIndex) readIndex(state)
  const code = state.format.codePointAt(state.at)
  if (code === undefined) return `${problems}%!(NOVERB)`
  const verb = String.fromCodePoint(code)
  state.at += verb.length
  return problems + printed(state, verb, flags)
}

function printed(state: State, verb: string, flags: Flags): string {
  if (verb === '%') return '%'
  if (!state.goodIndex) return `%!${verb}(BADINDEX)`
  if (state.next >= state.args.length) return `%!${verb}(MISSING)`
  if (verb === 'v') {
    // %#v is Go syntax, %+v has no further meaning here.
    flags.goSyntax = flags.sharp
    flags.sharp = false
    flags.plus = false
  }
  return formatArgument(state.args[state.next++]!, verb, flags)
}

function readFlags(state: State): Flags {
  const flags = plainFlags()
  for (;;) {
    switch (state.format[state.at]) {
      case '#':
        flags.sharp = true
        break
      case '0':
        flags.zero = true
        break
      case '+':
        flags.plus = true
        break
      case '-':
        flags.minus = true
        break
      case ' ':
        flags.space = true
        break
      default:
        return flags
    }
    state.at++
  }
}

// index = "[" number "]", from 1
function readIndex(state: State): void {
  if (state.format[state.at] !== '[') return
  state.reordered = true
  const end = state.format.indexOf(']', state.at)
  const digits = end < 0 ? '' : state.format.slice(state.at + 1, end)
  state.at = end < 0 ? state.at + 1 : end + 1
  const index = /^[0-9]{1,7}$/.test(digits) ? Number(digits) - 1 : -1
  if (index < 0 || index >= state.args.length) {
    state.goodIndex = false
    state.afterIndex = end >= 0
    return
  }
  state.next = index
  state.afterIndex = true
}

function readNumber(state: State): number | undefined {
  const start = state.at
  while (/[0-9]/.test(state.format[state.at] ?? '')) state.at++
  if (state.at === start) return undefined
  const number = Number(state.format.slice(start, state.at))
  if (number <= maxNumber) return number
  // Go gives up on the rest of the format.
  state.at = state.format.length
  return undefined
}

// The argument of a `*`.
function starArgument(state: State): number | undefined {
  state.at++
  state.afterIndex = false
  if (state.next >= state.args.length) return undefined
  const value = state.args[state.next++]!
  if (typeof value !== 'bigint') return undefined
  const number = Number(value)
  return Math.abs(number) <= maxNumber ? number : undefined
}

function readWidth(state: State, flags: Flags): string {
  if (state.format[state.at] !== '*') {
    flags.width = readNumber(state)
    if (state.afterIndex && flags.width !== undefined) state.goodIndex = false
    return ''
  }
  const width = starArgument(state)
  if (width === undefined) return '%!(BADWIDTH)'
  if (width < 0) {
    flags.minus = true
    flags.zero = false
  }
  flags.width = Math.abs(width)
  return ''
}

function readPrecision(state: State, flags: Flags): string {
  if (state.format[state.at] !== '*') {
    flags.precision = readNumber(state) ?? 0
    return ''
  }
  const precision = starArgument(state)
  if (precision === undefined) return '%!(BADPREC)'
  if (precision >= 0) flags.precision = precision
  else return '%!(BADPREC)'
  return ''
}
