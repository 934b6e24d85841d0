/** The table of stages: the only list there is. The name of a stage in a config is its key here. */
import { cri } from './cri.ts'
import { decolorize } from './decolorize.ts'
import { docker } from './docker.ts'
import { drop } from './drop.ts'
import { eventlogmessage } from './eventlogmessage.ts'
import { geoip } from './geoip.ts'
import { json } from './json.ts'
import { label_drop } from './label_drop.ts'
import { label_keep } from './label_keep.ts'
import { labels } from './labels.ts'
import { limit } from './limit.ts'
import { logfmt } from './logfmt.ts'
import { luhn } from './luhn.ts'
import { match } from './match.ts'
import { metrics } from './metrics.ts'
import { multiline } from './multiline.ts'
import { output } from './output.ts'
import { pack } from './pack.ts'
import { pattern } from './pattern.ts'
import { regex } from './regex.ts'
import { replace } from './replace.ts'
import { sampling } from './sampling.ts'
import { split_json } from './split_json.ts'
import { static_labels } from './static_labels.ts'
import { structured_metadata } from './structured_metadata.ts'
import { structured_metadata_drop } from './structured_metadata_drop.ts'
import { template } from './template.ts'
import { tenant } from './tenant.ts'
import { timestamp } from './timestamp.ts'
import { truncate } from './truncate.ts'
import { windowsevent } from './windowsevent.ts'

export const stages = {
  cri,
  decolorize,
  docker,
  drop,
  eventlogmessage,
  geoip,
  json,
  label_drop,
  label_keep,
  labels,
  limit,
  logfmt,
  luhn,
  match,
  metrics,
  multiline,
  output,
  pack,
  pattern,
  regex,
  replace,
  sampling,
  split_json,
  static_labels,
  structured_metadata,
  structured_metadata_drop,
  template,
  tenant,
  timestamp,
  truncate,
  windowsevent,
} as const

export type StageName = keyof typeof stages
