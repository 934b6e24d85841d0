/** The table of stages: the only list there is. The name of a stage in a config is its key here. */
import { labels } from './labels.ts'
import { regex } from './regex.ts'
import { static_labels } from './static_labels.ts'

export const stages = {
  labels,
  regex,
  static_labels,
} as const

export type StageName = keyof typeof stages
