/** Checks of options that many stages share, so that each mistake is worded once and names its option. */
import { LogstreamError } from '../../errors.ts'
import { compile, type Regexp } from '../../go/regexp/regexp.ts'

/** An error for an option that cannot work. */
export function badOption(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_ARGUMENT', message, { option })
}

/** The compiled expression of an option. Throws BAD_REGEX with the option's name. */
export function patternOption(option: string, pattern: string): Regexp {
  try {
    return compile(pattern)
  } catch (error) {
    if (!(error instanceof LogstreamError)) throw error
    throw new LogstreamError(error.code, error.message, { cause: error, option })
  }
}

/** As `patternOption`; `undefined` for an empty or absent pattern. */
export function optionalPattern(option: string, pattern: string | undefined): Regexp | undefined {
  return pattern === undefined || pattern === '' ? undefined : patternOption(option, pattern)
}

/** Refuses an empty name where Alloy does: left out is fine, "" is a mistake. */
export function refuseEmptySource(source: string | undefined): void {
  if (source === '')
    throw badOption('source', 'source must name an extracted value; leave it out to read the line')
}

/** Refuses an empty list. */
export function refuseEmptyList(option: string, values: { readonly length: number }): void {
  if (values.length === 0) throw badOption(option, `${option} is empty: name at least one`)
}
