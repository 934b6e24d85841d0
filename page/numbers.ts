/** Numbers, sizes and times as a reader takes them in at a glance. */

const UNITS = ['', ' k', ' M', ' G', ' T']

/** 1234567 as 1,234,567. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
}

/** `1 line`, `1,200 lines`; `many` for nouns without a plain s. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${grouped(value)} ${value === 1 ? one : many}`
}

/** Three digits that matter: 0.25, 12.3, 1.23 k, 45.6 M. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  let unit = 0
  let left = Math.abs(value)
  while (left >= 999.5 && unit < UNITS.length - 1) {
    left /= 1000
    unit++
  }
  const digits = left >= 99.95 || left === 0 ? 0 : left >= 9.995 ? 1 : left >= 0.1 ? 2 : 3
  const text = left.toFixed(digits)
  return `${value < 0 ? '−' : ''}${text.includes('.') ? text.replace(/\.?0+$/, '') : text}${UNITS[unit]}`
}

/** 90 as "1 min 30 s"; the two largest units. */
export function ago(seconds: number): string {
  const parts: string[] = []
  let left = Math.max(0, Math.round(seconds))
  for (const [name, size] of [
    ['d', 86_400],
    ['h', 3600],
    ['min', 60],
    ['s', 1],
  ] as const) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0 && parts.length < 2) parts.push(`${count} ${name}`)
  }
  return parts.length === 0 ? '0 s' : parts.join(' ')
}

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB']

/** 1234567 bytes as 1.2 MB. */
export function size(bytes: number): string {
  let unit = 0
  let left = bytes
  while (left >= 999.5 && unit < SIZES.length - 1) {
    left /= 1000
    unit++
  }
  return `${left >= 99.5 || unit === 0 ? Math.round(left) : left.toFixed(1)} ${SIZES[unit]}`
}

/** A moment as a clock shows it, with the day where it isn't today. */
export function clock(ms: number): string {
  const at = new Date(ms)
  const time = at.toLocaleTimeString('en-GB')
  return at.toDateString() === new Date().toDateString() ? time : `${at.toLocaleDateString('en-CA')} ${time}`
}
