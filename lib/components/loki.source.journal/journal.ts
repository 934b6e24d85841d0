/** `loki.source.journal`: reads the systemd journal. Its arguments are known; it does not run yet. */
import { defineComponent } from '../../component/component.ts'
import { block, duration, flag, optional, required, text } from '../../component/fields.ts'
import { forwardField, labelsField, rulesField } from '../../component/options/source.ts'
import { refuse } from '../unavailable.ts'

export const lokiSourceJournal = defineComponent({
  name: 'loki.source.journal',
  summary: 'Reads the systemd journal.',
  fields: {
    format_as_json: optional(flag, false, 'Whether the line holds all fields, as JSON.'),
    max_age: optional(duration, 25_200_000, 'Oldest entry that is read at the first start.'),
    path: optional(text, '', 'Folder of the journal; "": that of the system.'),
    relabel_rules: rulesField,
    matches: optional(text, '', 'Fields that entries must have, as "_SYSTEMD_UNIT=a.service".'),
    forward_to: forwardField,
    labels: labelsField,
    legacy_position: block(
      {
        file: required(text, 'Positions file of promtail.'),
        name: required(text, 'Name of its journal job.'),
      },
      'Where to go on after promtail.',
    ),
  },
  stability: 'generally-available',
  exports: {},
  create: () => refuse('loki.source.journal'),
})
