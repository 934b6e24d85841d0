/** The arguments of `discovery.kubernetes`. */
import {
  block,
  blocks,
  blockWithDefaults,
  flag,
  list,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { kubernetesFields } from '../../net/kubernetes/fields.ts'
import { ROLES } from './roles.ts'

export const fields = {
  role: required(text, 'Which objects become targets.', ROLES),
  ...kubernetesFields,
  namespaces: blockWithDefaults(
    {
      own_namespace: optional(flag, false, 'The namespace that logstream runs in.'),
      names: optional(list(text), [], 'Namespaces by their names.'),
    },
    'Namespaces that are looked at; left out: all.',
  ),
  selectors: blocks(
    {
      role: required(text, 'Whose objects are selected.', ROLES),
      label: optional(text, '', 'Label selector, as `app=shop,tier!=test`.'),
      field: optional(text, '', 'Field selector, as `spec.nodeName=node-1`.'),
    },
    'Selectors that the API server applies; of several for one role, all.',
  ),
  attach_metadata: block(
    {
      node: optional(flag, false, 'Labels and annotations of the node.'),
      namespace: optional(flag, false, 'Labels and annotations of the namespace.'),
    },
    'More labels for the targets.',
  ),
}

export type DiscoveryOptions = OptionsOf<typeof fields>
