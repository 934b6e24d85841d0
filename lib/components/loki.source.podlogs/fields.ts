/** The arguments of `loki.source.podlogs`. */
import {
  blocks,
  blockWithDefaults,
  flag,
  list,
  map,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { forwardField, maxLineSizeField } from '../../component/options/source.ts'
import { clusteringField, kubernetesFields } from '../../net/kubernetes/fields.ts'
import { OPERATORS, type LabelSelector } from './label-selector.ts'

const selectorFields = {
  match_labels: optional(map(text), new Map<string, string>(), 'Labels and their values.'),
  match_expression: blocks(
    {
      key: required(text, 'Name of a label.'),
      operator: required(text, 'What must be so of the label.', OPERATORS),
      values: optional(list(text), [], 'Values, of In and NotIn.'),
    },
    'What else must be so.',
  ),
}

export const fields = {
  forward_to: forwardField,
  tail_from_end: optional(
    flag,
    false,
    'Leaves out lines from before the start, of containers without a position.',
  ),
  preserve_discovered_labels: optional(
    flag,
    false,
    'Entries keep the `__meta_kubernetes_*` labels, for components downstream.',
  ),
  client: blockWithDefaults(
    kubernetesFields,
    'How the API server is reached; left out: as the service account of the pod.',
  ),
  selector: blockWithDefaults(selectorFields, 'Which PodLogs are taken, by their labels; left out: all.'),
  namespace_selector: blockWithDefaults(
    selectorFields,
    'Which PodLogs are taken, by the labels of their namespaces; left out: all.',
  ),
  node_filter: blockWithDefaults(
    {
      enabled: optional(flag, false, 'Reads only the pods of one node.'),
      node_name: optional(text, '', 'Name of the node; left out: the environment variable NODE_NAME.'),
    },
    'For an instance on each node.',
  ),
  clustering: clusteringField,
  max_line_size: maxLineSizeField,
}

export type PodLogsOptions = OptionsOf<typeof fields>

export function selectorOf(block: OptionsOf<typeof selectorFields>): LabelSelector {
  return { matchLabels: Object.fromEntries(block.match_labels), matchExpressions: block.match_expression }
}
