/** `remote.kubernetes.secret`: the data of a Secret as secret values. */
import { defineComponent } from '../../component/component.ts'
import { dataFields, pollData, prepareData, type DataKind } from './kubernetes-data.ts'

const SECRET: DataKind = {
  resource: 'secret',
  valueOf: (stored) => ({
    kind: 'secret',
    text: Buffer.from(stored, 'base64').toString('utf8'),
    optional: false,
  }),
}

/** The data is there before anything that refers to it is built; a poll that fails later keeps the last one. */
export const remoteKubernetesSecret = defineComponent({
  name: 'remote.kubernetes.secret',
  summary: 'Reads a Secret of a Kubernetes cluster and exports its data, again whenever it changes.',
  fields: dataFields,
  stability: 'generally-available',
  exports: { data: 'map(secret): the values by their keys' },
  prepare: (options, ctx) => prepareData(SECRET, options, ctx),
  create: (options, ctx, prepared) => pollData(SECRET, options, ctx, prepared),
})
