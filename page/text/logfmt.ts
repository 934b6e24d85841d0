/** Fields of `key=value` lines, for lines that look like that. */
import { parseLogfmt } from '../../lib/formats/logfmt.ts'

const LONGEST = 20_000
const MOST_FIELDS = 200

/** Names and values; none for a line that isn't logfmt: fewer than two pairs with a value. */
export function logfmtFields(text: string): [name: string, value: string][] {
  if (text.length > LONGEST) return []
  const fields: [string, string][] = []
  const whole = parseLogfmt(text, (key, value) => {
    if (value !== '' && fields.length < MOST_FIELDS) fields.push([key, value])
  })
  return whole && fields.length >= 2 ? fields : []
}
