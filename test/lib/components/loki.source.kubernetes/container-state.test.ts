/** Whether a container will be started again, by the rules of restart policies. */
import t from 'tap'
import { instanceOf } from '../../../../lib/components/loki.source.kubernetes/container-state.ts'
import type { ContainerStatus, Pod } from '../../../../lib/net/kubernetes/objects.ts'

const RUNNING = { running: {} }
const exited = (exitCode: number) => ({
  terminated: { exitCode, finishedAt: 'then', containerID: 'c://old' },
})

function pod(
  restartPolicy: string | undefined,
  kind: 'containerStatuses' | 'initContainerStatuses' | 'ephemeralContainerStatuses',
  status: Partial<ContainerStatus>,
  own?: string,
): Pod {
  return {
    metadata: { name: 'p' },
    spec: { restartPolicy, containers: [], initContainers: [{ name: 'main', restartPolicy: own }] },
    status: { [kind]: [{ name: 'main', containerID: 'c://1', ...status }] },
  }
}

void t.test('final or not', (tap) => {
  const cases = [
    [pod('Always', 'containerStatuses', { state: exited(0) }), false],
    [pod(undefined, 'containerStatuses', { state: exited(0) }), false],
    [pod('OnFailure', 'containerStatuses', { state: exited(1) }), false],
    [pod('OnFailure', 'containerStatuses', { state: exited(0) }), true],
    [pod('Never', 'containerStatuses', { state: exited(1) }), true],
    [pod('Never', 'containerStatuses', { state: RUNNING }), false],
    [pod('Always', 'initContainerStatuses', { state: exited(0) }), true],
    [pod('Always', 'initContainerStatuses', { state: exited(1) }), false],
    [pod('Never', 'initContainerStatuses', { state: exited(1) }), true],
    [pod('Never', 'initContainerStatuses', { state: exited(1) }, 'Always'), false],
    [pod('Always', 'ephemeralContainerStatuses', { state: exited(1) }), true],
  ] as const
  for (const [of, final] of cases) tap.equal(instanceOf(of, 'main')!.final, final, JSON.stringify(of))
  tap.end()
})

void t.test('which instance is the latest', (tap) => {
  const of = (status: Partial<ContainerStatus>) =>
    instanceOf(pod('Always', 'containerStatuses', status), 'main')
  tap.equal(of({ containerID: '', state: { waiting: {} } }), undefined, 'none was started yet')
  tap.equal(instanceOf(pod('Always', 'containerStatuses', {}), 'other'), undefined)
  tap.same(of({ restartCount: 2, state: RUNNING }), { id: 'c://1', restarts: 2, ended: '', final: false })
  tap.match(of({ state: { waiting: {} }, lastState: exited(1) }), {
    id: 'c://1',
    ended: 'then',
    final: false,
  })
  tap.match(of({ containerID: '', state: { waiting: {} }, lastState: exited(1) }), { id: 'c://old' })
  tap.end()
})
