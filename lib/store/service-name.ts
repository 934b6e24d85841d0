/** The label `service_name`, which Loki adds from the first label that is likely to hold it. */
import type { LabelSet } from '../flow/labels.ts'

export const SERVICE_NAME = 'service_name'

/** Loki's default of `discover_service_name`. */
export const SERVICE_LABELS: readonly string[] = [
  ...['service', 'app', 'application', 'app_name', 'name', 'app_kubernetes_io_name', 'container'],
  ...['container_name', 'k8s_container_name', 'component', 'workload', 'job', 'k8s_job_name'],
]

/** Returns the labels with `service_name`; unchanged if they have it, or if `from` is empty. */
export function withServiceName(labels: LabelSet, from: readonly string[]): LabelSet {
  if (from.length === 0 || labels.has(SERVICE_NAME)) return labels
  return labels.with(SERVICE_NAME, serviceName(labels, from))
}

function serviceName(labels: LabelSet, from: readonly string[]): string {
  for (const name of from) {
    const value = labels.get(name)
    if (value !== undefined && value !== '') return value
  }
  return 'unknown_service'
}
