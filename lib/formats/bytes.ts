/** Byte sizes as the config language writes them: powers of 1024, with or without the `i`. */

const prefixes = ['', 'K', 'M', 'G', 'T', 'P', 'E']

/** The two suffix families can't be mixed within one size. */
const families: Record<string, number | undefined>[] = ['iB', 'B'].map((suffix) =>
  Object.fromEntries([['B', 1], ...prefixes.slice(1).map((prefix, i) => [prefix + suffix, 1024 ** (i + 1)])]),
)

const part = /(\d*)(?:\.(\d*))?([^\d.]+)/y

/** Go's largest int64 plus one, as a double. */
const limit = 2 ** 63

function parseWith(text: string, units: Record<string, number | undefined>): number | undefined {
  let total = 0
  part.lastIndex = 0
  while (part.lastIndex < text.length) {
    const match = part.exec(text)
    if (match === null) return undefined
    const [, whole = '', fraction = '', name = ''] = match
    const unit = Object.hasOwn(units, name) ? units[name] : undefined
    if (unit === undefined || (whole === '' && fraction === '')) return undefined
    if (Number(whole) >= limit || Number(fraction) >= limit) return undefined
    total += (Number(whole) + Number(fraction) / 10 ** fraction.length) * unit
  }
  return total >= limit ? undefined : Math.trunc(total)
}

/**
 * The bytes of a size, undefined for anything else: `1KiB` and `1KB` are both 1024, `1.5MiB`, `1MiB512KiB`
 * and `512B` are fine, while `10` (no unit), `1kb` and `1 KB` are refused. The rules are those of Go's
 * github.com/alecthomas/units, base 2.
 */
// size = [ "+" | "-" ] ( "0" | part { part } )   part = ( digits [ "." [ digits ] ] | "." digits ) unit
export function parseBytes(text: string): number | undefined {
  const negative = text.startsWith('-')
  const rest = negative || text.startsWith('+') ? text.slice(1) : text
  if (rest === '0') return 0
  if (rest === '') return undefined
  for (const units of families) {
    const bytes = parseWith(rest, units)
    if (bytes !== undefined) return negative && bytes !== 0 ? -bytes : bytes
  }
  return undefined
}

/** The size as the config language prints it: `1MiB`, `1KiB512B`; nothing is rounded, and 0 is `0B`. */
export function formatBytes(bytes: number): string {
  let rest = Math.trunc(Math.abs(bytes))
  if (rest === 0) return '0B'
  let text = ''
  for (const prefix of prefixes) {
    const digit = prefix === 'E' ? rest : rest % 1024
    if (digit !== 0) text = `${digit}${prefix}${prefix === '' ? 'B' : 'iB'}${text}`
    rest = (rest - digit) / 1024
    if (rest === 0) break
  }
  return bytes < 0 ? `-${text}` : text
}
