/** Arguments that several sources share. */
import { RECEIVER, type Receiver } from '../component.ts'
import { capsule, flag, integer, list, map, nullable, optional, required, text } from '../fields.ts'
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
