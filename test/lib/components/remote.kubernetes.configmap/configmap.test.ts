/** The data of a ConfigMap; how it is polled is tested with `remote.kubernetes.secret`. */
import t from 'tap'
import { remoteKubernetesConfigmap } from '../../../../lib/components/remote.kubernetes.configmap/configmap.ts'
import { ComponentBench } from '../../../support/component-run.ts'
import { FakeKubernetes } from '../../../support/fake-kubernetes.ts'

void t.test('values are text, and no secrets', async (tap) => {
  const cluster = await FakeKubernetes.start(tap)
  cluster.put('api/v1/configmaps', {
    metadata: { name: 'loki', namespace: 'shop' },
    data: { url: 'http://loki' },
    binaryData: { left: 'b3V0' },
  })
  const bench = new ComponentBench()
  const options = bench.options(remoteKubernetesConfigmap, {
    namespace: 'shop',
    name: 'loki',
    client: cluster.client,
  })
  tap.same(
    await remoteKubernetesConfigmap.prepare!(options, bench.context),
    new Map([['data', new Map([['url', { kind: 'secret', text: 'http://loki', optional: true }]])]]),
  )
})
