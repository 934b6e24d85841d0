/** Numbers for people, as the template functions of Prometheus write them (humanize and its kin). */
import { formatFloat } from '../../go/strconv/float.ts'

const LARGE = ['', 'k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y']
const SMALL = ['', 'm', 'u', 'n', 'p', 'f', 'a', 'z', 'y']
const BINARY = ['', 'ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi']

/** Four digits that matter. */
export function four(value: number): string {
  return formatFloat(value, 'g', 4)
}

export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return four(value)
  return Math.abs(value) >= 1 ? scaled(value, 1000, LARGE) : scaledUp(value)
}

export function humanize1024(value: number): string {
  return Math.abs(value) <= 1 || !Number.isFinite(value) ? four(value) : scaled(value, 1024, BINARY)
}

/** Seconds as `1d 2h 3m 4s`, `1.5s` or `20ms`. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return four(value)
  if (value === 0) return '0s'
  if (Math.abs(value) < 1) return `${scaledUp(value)}s`
  const sign = value < 0 ? '-' : ''
  const whole = Math.trunc(Math.abs(value))
  const seconds = whole % 60
  const minutes = Math.trunc(whole / 60) % 60
  const hours = Math.trunc(whole / 3600) % 24
  const days = Math.trunc(whole / 86_400)
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${seconds}s`
  if (minutes > 0) return `${sign}${minutes}m ${seconds}s`
  return `${sign}${four(Math.abs(value))}s`
}

export function humanizePercentage(value: number): string {
  return `${four(value * 100)}%`
}

function scaled(value: number, step: number, units: readonly string[]): string {
  let left = value
  let unit = 0
  while (Math.abs(left) >= step && unit < units.length - 1) {
    left /= step
    unit++
  }
  return four(left) + units[unit]
}

function scaledUp(value: number): string {
  let left = value
  let unit = 0
  while (Math.abs(left) < 1 && unit < SMALL.length - 1) {
    left *= 1000
    unit++
  }
  return four(left) + SMALL[unit]
}
