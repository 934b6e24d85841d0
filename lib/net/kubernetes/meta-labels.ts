/** Labels and annotations of objects as labels of targets, by the rules of Prometheus' kubernetes_sd_configs. */
import type { Names, ObjectMeta } from './objects.ts'

export const META = '__meta_kubernetes_'

export type Pairs = [string, string][]

/** Letters, digits and underscores are what the name of a label can hold. */
export function labelName(text: string): string {
  return text.replace(/[^a-zA-Z0-9_]/gu, '_')
}

/** `KIND_label_*`, `KIND_labelpresent_*`, `KIND_annotation_*` and `KIND_annotationpresent_*`. */
export function labelsAndAnnotations(kind: string, { labels, annotations }: ObjectMeta): Pairs {
  return [...each(`${META}${kind}_label`, labels), ...each(`${META}${kind}_annotation`, annotations)]
}

/** The same, and `KIND_name`. */
export function metaLabels(kind: string, metadata: ObjectMeta): Pairs {
  return [[`${META}${kind}_name`, metadata.name], ...labelsAndAnnotations(kind, metadata)]
}

function each(prefix: string, names: Names | undefined): Pairs {
  return Object.entries(names ?? {}).flatMap(([name, value]): Pairs => {
    const rest = labelName(name)
    return [
      [`${prefix}_${rest}`, value],
      [`${prefix}present_${rest}`, 'true'],
    ]
  })
}
