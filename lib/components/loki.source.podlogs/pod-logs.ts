/** `PodLogs` of `monitoring.grafana.com/v1alpha2`: which pods' logs are read, and with which labels. */
import { compileRules, RELABEL_DEFAULTS, type Relabel, type RelabelRule } from '../../formats/relabel.ts'
import { labelsAndAnnotations, META, type Pairs } from '../../net/kubernetes/meta-labels.ts'
import type { KubernetesObject, Pod } from '../../net/kubernetes/objects.ts'
import { containerLabels, containersOf, podLabels } from '../discovery.kubernetes/target.ts'
import { keyOf, podTarget, type PodTarget } from '../loki.source.kubernetes/pod-target.ts'
import { compileSelector, type LabelSelector } from './label-selector.ts'

/** A rule as the operator of Prometheus writes it. */
interface Relabeling {
  readonly sourceLabels?: readonly string[] | null
  readonly separator?: string
  readonly regex?: string
  readonly modulus?: number
  readonly targetLabel?: string
  readonly replacement?: string
  readonly action?: string
}

export interface PodLogs extends KubernetesObject {
  readonly spec?: {
    readonly selector?: LabelSelector | null
    readonly namespaceSelector?: LabelSelector | null
    readonly relabelings?: readonly Relabeling[] | null
  }
}

/** One such object at work. */
export class PodLogsRule {
  readonly #podLogs: PodLogs
  readonly #pods: ReturnType<typeof compileSelector>
  readonly #namespaces: ReturnType<typeof compileSelector>
  readonly #relabel: Relabel
  readonly #group: Pairs
  readonly #keepMeta: boolean

  /** Throws `LogstreamError` for a selector or a rule that can't work. */
  constructor(podLogs: PodLogs, keepMeta: boolean) {
    const { metadata, spec } = podLogs
    this.#podLogs = podLogs
    this.#keepMeta = keepMeta
    this.#pods = compileSelector(spec?.selector)
    this.#namespaces = compileSelector(spec?.namespaceSelector)
    this.#relabel = compileRules((spec?.relabelings ?? []).map(ruleOf))
    this.#group = [
      [`${META}podlogs_namespace`, metadata.namespace ?? ''],
      [`${META}podlogs_name`, metadata.name],
      ...labelsAndAnnotations('podlogs', metadata),
    ]
  }

  /** The containers of a pod whose logs it wants, by keys that name it too: two rules may read one container. */
  targets(pod: Pod, namespace: KubernetesObject): Map<string, PodTarget> {
    const found = new Map<string, PodTarget>()
    if (!this.#pods(pod.metadata.labels ?? {}) || !this.#namespaces(namespace.metadata.labels ?? {}))
      return found
    const labels = [...this.#group, ...this.#podLabels(pod, namespace)]
    const of = `${this.#podLogs.metadata.namespace}/${this.#podLogs.metadata.name}`
    for (const placed of containersOf(pod)) {
      const { name } = placed.container
      const own = new Map([
        ...labels,
        ...containerLabels(placed),
        ['__pod_container_name__', name],
        ['instance', `${pod.metadata.namespace}/${pod.metadata.name}:${name}`],
        ['job', of],
      ])
      if (this.#relabel(own) === 'drop') continue
      // Rules can take away what says which container it is: then there is nothing to read.
      const target = podTarget(own, `${of}:${name}`, this.#keepMeta)
      if (typeof target !== 'string') found.set(`${of} ${keyOf(target)}`, target)
    }
    return found
  }

  #podLabels(pod: Pod, namespace: KubernetesObject): Pairs {
    const { name, namespace: space = '', uid = '' } = pod.metadata
    return [
      [`${META}namespace`, space],
      ...labelsAndAnnotations('namespace', namespace.metadata),
      ...podLabels(pod),
      ['__pod_namespace__', space],
      ['__pod_name__', name],
      ['__pod_uid__', uid],
    ]
  }
}

/** Empty fields are those that were left out, as in Alloy. */
function ruleOf(relabeling: Relabeling): RelabelRule {
  const { sourceLabels, separator, regex, modulus, targetLabel, replacement, action } = relabeling
  const given = {
    separator,
    regex,
    replacement,
    modulus,
    source_labels: sourceLabels?.length === 0 ? undefined : sourceLabels,
    target_label: targetLabel,
    action: action?.toLowerCase(),
  }
  const set = Object.entries(given).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  )
  return { ...RELABEL_DEFAULTS, ...Object.fromEntries(set) }
}
