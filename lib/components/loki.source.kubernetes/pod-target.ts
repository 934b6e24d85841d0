/** Targets as `discovery.kubernetes` makes them, as the containers whose logs are read. */
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import { META } from '../../net/kubernetes/meta-labels.ts'

export type Target = ReadonlyMap<string, string>

export interface PodTarget {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  readonly uid: string
  /** Labels of its lines. */
  readonly labels: LabelSet
}

/** What a target must say, in two ways each; the first wins. */
const NAMES = {
  namespace: ['__pod_namespace__', `${META}namespace`],
  pod: ['__pod_name__', `${META}pod_name`],
  container: ['__pod_container_name__', `${META}pod_container_name`],
  uid: ['__pod_uid__', `${META}pod_uid`],
} as const

/** One instance of a pod's container, restarts included: another pod of the same name has another uid. */
export function keyOf({ namespace, pod, container, uid }: Omit<PodTarget, 'labels'>): string {
  return `${namespace}/${pod}:${container}:${uid}`
}

/**
 * Returns what the labels name, or the name of the label that is missing. `job` is the value of a missing `job`; lines keep
 * the labels of what was discovered if `keepMeta` is set.
 */
export function podTarget(target: Target, job: string, keepMeta = false): PodTarget | string {
  const found = { namespace: '', pod: '', container: '', uid: '' }
  for (const name of Object.keys(NAMES) as (keyof typeof NAMES)[]) {
    const [own, meta] = NAMES[name]
    const value = [target.get(own), target.get(meta)].find((each) => each !== undefined && each !== '')
    if (value === undefined) return meta
    found[name] = value
  }
  const { namespace, pod, container } = found
  const labels = new Map([['job', job], ['instance', `${namespace}/${pod}:${container}`], ...target])
  const isKept = (name: string): boolean => !name.startsWith('__') || (keepMeta && name.startsWith('__meta_'))
  return {
    ...found,
    labels: labelSet([...labels].filter(([name, value]) => isKept(name) && value !== '')),
  }
}
