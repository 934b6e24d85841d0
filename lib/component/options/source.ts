/** Arguments that several sources share. */
import { RECEIVER, type Receiver } from '../component.ts'
import {
  capsule,
  extension,
  flag,
  integer,
  list,
  map,
  nullable,
  optional,
  required,
  size,
  text,
} from '../fields.ts'
import { MAX_LINE_BYTES } from '../../intake/line-limit.ts'
import { relabelRules } from './relabel.ts'

export const forwardField = required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the entries.')

export const labelsField = optional(nullable(map(text)), undefined, 'Labels of all entries.')

export const rulesField = optional(
  relabelRules,
  undefined,
  'Rules for the labels of entries, as a relabelling component exports them.',
)

export const timestampField = optional(
  flag,
  false,
  'Whether entries keep the time that they came with, instead of that of reading.',
)

/** A port, or a count. */
export const numberField = (fallback: number, doc: string) => optional(integer, fallback, doc)

/** For every source that reads lines; its intake does the cutting. */
export const maxLineSizeField = extension(
  optional(
    size,
    MAX_LINE_BYTES,
    'Longer lines are cut into parts, numbered by the structured metadata logstream_line_part.',
  ),
  (bytes) => bytes !== MAX_LINE_BYTES,
)
