/** `--stability.level` of every command that loads a config. */
import type { Stability } from '../component/component.ts'
import { LogstreamError } from '../errors.ts'
import type { Flag } from './command.ts'

const LEVELS: readonly Stability[] = ['generally-available', 'public-preview', 'experimental']

export const STABILITY_FLAG: Flag = {
  value: 'LEVEL',
  takes: LEVELS,
  doc: 'generally-available (default), public-preview or experimental',
}

/** The level that `--stability.level` names. Throws BAD_USAGE. */
export function stabilityOf(text: string | undefined): Stability {
  const level = (text ?? 'generally-available') as Stability
  if (LEVELS.includes(level)) return level
  throw new LogstreamError(
    'BAD_USAGE',
    `--stability.level must be one of ${LEVELS.join(', ')}, found "${text}"`,
  )
}
