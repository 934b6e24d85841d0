/** What the reader of a file is made with, compressed or not. */
import type { Context } from '../../component/component.ts'
import type { Positions } from '../../disk/positions.ts'
import type { LabelSet } from '../../flow/labels.ts'
import type { TextEncoding } from '../../intake/encoding.ts'
import type { Intake } from '../../intake/intake.ts'
import type { Claims } from './claims.ts'
import type { FolderWatch } from './folder-watch.ts'

/** What the readers of one component share. */
export interface ReaderEnv {
  readonly ctx: Context
  readonly positions: Positions
  readonly claims: Claims
  readonly intake: Intake
  readonly buffer: Buffer
  readonly watch: FolderWatch
  readonly onGap: (path: string, bytes: number, why: string) => void
  /** Whether another target with the same labels may get this path's file by rotation. */
  readonly isShared: (path: string, key: string) => boolean
}

export interface ReaderOptions {
  readonly path: string
  /** As every line gets them, `filename` included. */
  readonly labels: LabelSet
  /** Those of the target as text: with the path the key of its position. */
  readonly key: string
  readonly encoding: TextEncoding
  /** `false`: read to the end, an unfinished last line included, then end. */
  readonly follow: boolean
  /** Without a position, start at the end of a file that is older than this (milliseconds). */
  readonly fromEndBefore: number
  readonly maxLineBytes: number
  readonly minPollMs: number
  readonly maxPollMs: number
}
