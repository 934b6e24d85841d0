/** The label names that mean something to LogQL itself. */

export const ERROR_LABEL = '__error__'
export const ERROR_DETAILS_LABEL = '__error_details__'
/** Marks a sample whose error the query asked for by name. */
export const PRESERVE_ERROR_LABEL = '__preserve_error__'

// The values of __error__.
export const JSON_ERROR = 'JSONParserErr'
export const LOGFMT_ERROR = 'LogfmtParserErr'
export const TEMPLATE_ERROR = 'TemplateFormatErr'
export const FILTER_ERROR = 'LabelFilterErr'
export const EXTRACTION_ERROR = 'SampleExtractionErr'

/** What a name gets that the stream or its metadata already has. */
export const DUPLICATE_SUFFIX = '_extracted'

const invalid = /[^a-zA-Z0-9_]/gu

/** So many names of keys are remembered: lines of one program have few, hostile ones have no end of them. */
const MAX_NAMES = 1024
const names = new Map<string, string>()

/**
 * A key of JSON or logfmt as a label name: every letter that is not allowed becomes `_`, and a leading digit gets one
 * in front. Empty for a key of blanks.
 */
export function labelNameOf(key: string): string {
  const known = names.get(key)
  if (known !== undefined) return known
  const trimmed = key.trim()
  const first = trimmed.charCodeAt(0)
  const name = (first >= 48 && first <= 57 ? `_${trimmed}` : trimmed).replace(invalid, '_')
  if (names.size >= MAX_NAMES) names.clear()
  names.set(key, name)
  return name
}

/** A valid UTF-8 name; that is all that Loki asks of the names of captures. */
export function isLabelName(name: string): boolean {
  return name !== '' && !/\p{Cs}/u.test(name)
}
