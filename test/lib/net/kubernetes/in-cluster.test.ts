/** Access from inside a pod, by the service account that is mounted there. */
import { writeFileSync } from 'node:fs'
import t from 'tap'
import { inCluster, ownNamespace } from '../../../../lib/net/kubernetes/in-cluster.ts'

const ENV = { KUBERNETES_SERVICE_HOST: '10.1.0.1', KUBERNETES_SERVICE_PORT: '443' }

void t.test('server, certificate authority and a token that is replaced while it runs', async (tap) => {
  const folder = tap.testdir({ token: 'one', 'ca.crt': 'CA', namespace: 'logs' })
  const { server, tls, headers } = await inCluster(ENV, folder)
  tap.equal(server.href, 'https://10.1.0.1/')
  tap.same(await tls(), { ca: 'CA', rejectUnauthorized: true })
  tap.same(await headers(), { authorization: 'Bearer one' })
  writeFileSync(`${folder}/token`, 'two\n')
  tap.same(await headers(), { authorization: 'Bearer two' })
  tap.equal(await ownNamespace(folder), 'logs')
  const v6 = await inCluster({ ...ENV, KUBERNETES_SERVICE_HOST: 'fd00::1' }, folder)
  tap.equal(v6.server.href, 'https://[fd00::1]/')
})

void t.test('outside a cluster, and without a service account', async (tap) => {
  await tap.rejects(inCluster({}), { code: 'BAD_CONFIG', message: /set api_server or kubeconfig_file/ })
  await tap.rejects(inCluster(ENV, tap.testdir({})), { code: 'IO', message: /automountServiceAccountToken/ })
  await tap.rejects(ownNamespace(tap.testdir({ namespace: '' })), { message: /found nothing/ })
})
