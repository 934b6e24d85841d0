/** What the status of a pod says of one of its containers. */
import type { ContainerStatus, Pod } from '../../net/kubernetes/objects.ts'

/** One run of a container: each restart makes another, with a log of its own. */
export interface Instance {
  /** `containerd://…` */
  readonly id: string
  readonly restarts: number
  /** When it ended; '' while it runs. */
  readonly ended: string
  /** It has ended, and the kubelet won't start another. */
  readonly final: boolean
}

/** The latest instance; `undefined` before the first has been started. */
export function instanceOf(pod: Pod, container: string): Instance | undefined {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = pod.status
  const named = ({ name }: { readonly name: string }): boolean => name === container
  const init = initContainerStatuses?.find(named)
  const ephemeral = ephemeralContainerStatuses?.find(named)
  const status = containerStatuses?.find(named) ?? init ?? ephemeral
  if (status === undefined) return undefined
  const { containerID = '', restartCount = 0, state, lastState } = status
  const { terminated } = state ?? {}
  // While it waits for a restart, the status may already lack the id of what ran before.
  const id = containerID === '' ? (lastState?.terminated?.containerID ?? '') : containerID
  if (id === '') return undefined
  if (terminated === undefined)
    return {
      id,
      restarts: restartCount,
      ended: state?.running === undefined ? (lastState?.terminated?.finishedAt ?? '') : '',
      final: false,
    }
  return {
    id,
    restarts: restartCount,
    ended: terminated.finishedAt ?? 'terminated',
    final: ephemeral !== undefined || !startsAgain(pod, terminated.exitCode, init),
  }
}

// https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy; a sidecar is an init container that
// is always restarted.
function startsAgain({ spec }: Pod, exitCode: number, init: ContainerStatus | undefined): boolean {
  const own = spec.initContainers?.find(({ name }) => name === init?.name)?.restartPolicy
  const { restartPolicy = 'Always' } = spec
  const policy = own ?? (init !== undefined && restartPolicy === 'Always' ? 'OnFailure' : restartPolicy)
  return policy === 'Always' || (policy === 'OnFailure' && exitCode !== 0)
}
