/** The table of stages: the only list there is. The name of a stage in a config is its key here. */
import { drop } from './drop.ts'
import { json } from './json.ts'
import { label_drop } from './label_drop.ts'
import { label_keep } from './label_keep.ts'
import { labels } from './labels.ts'
import { logfmt } from './logfmt.ts'
import { match } from './match.ts'
import { metrics } from './metrics.ts'
import { output } from './output.ts'
import { regex } from './regex.ts'
import { replace } from './replace.ts'
import { static_labels } from './static_labels.ts'
import { template } from './template.ts'
import { timestamp } from './timestamp.ts'

export const stages = {
  drop,
  json,
  label_drop,
  label_keep,
  labels,
  logfmt,
  match,
  metrics,
  output,
  regex,
  replace,
  static_labels,
  template,
  timestamp,
} as const

export type StageName = keyof typeof stages
