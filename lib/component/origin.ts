/**
 * Where decoded options were written, so that an error which shows only when something is built from them still
 * points into the config. Kept beside the options, which hold nothing but the user's values.
 */
import { errorAt, type Diagnostic } from '../alloy/diagnostic.ts'
import type { Range, Source } from '../alloy/source.ts'
import { LogstreamError, messageOf } from '../errors.ts'

export interface Origin {
  readonly source: Source
  readonly range: Range
  readonly attributes: ReadonlyMap<string, Range>
  /** Whether an expression was left unevaluated: some values are then defaults. */
  readonly partial: boolean
}

const origins = new WeakMap<object, Origin>()

/** Notes where options come from; decoding calls it. */
export function setOrigin(options: object, origin: Origin): void {
  origins.set(options, origin)
}

/** Whether expressions of these options were skipped, so that nothing should be built from them. */
export function isPartial(options: object): boolean {
  return origins.get(options)?.partial === true
}

/** Where the options, or the named one of them, were written; `undefined` for options from JS. */
export function placeOfOptions(options: object, name?: string): { source: Source; range: Range } | undefined {
  const origin = origins.get(options)
  if (origin === undefined) return undefined
  return {
    source: origin.source,
    range: (name === undefined ? undefined : origin.attributes.get(name)) ?? origin.range,
  }
}

const blamedOptions = new WeakMap<object, object>()

/** Notes which options caused an error, for `diagnosticsFor`; the innermost note stays. Returns the error. */
export function blame(error: unknown, options: object): unknown {
  if (typeof error === 'object' && error !== null && !blamedOptions.has(error))
    blamedOptions.set(error, options)
  return error
}

/** The options that `blame` noted for an error. */
export function blamed(error: unknown): object | undefined {
  return typeof error === 'object' && error !== null ? blamedOptions.get(error) : undefined
}

/** Diagnostics for what building something from `options` threw: an error, or an AggregateError of several. */
export function diagnosticsFor(
  error: unknown,
  options: object,
  fallback: { source: Source; range: Range },
): Diagnostic[] {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error]
  return errors.map((each) => {
    const subject = blamed(each) ?? options
    const option = each instanceof LogstreamError ? each.option : undefined
    const { source, range } = placeOfOptions(subject, option) ?? fallback
    return errorAt(source, range, messageOf(each))
  })
}
