/** `remote.kubernetes.configmap`: the data of a ConfigMap as values. */
import { defineComponent } from '../../component/component.ts'
import {
  dataFields,
  pollData,
  prepareData,
  type DataKind,
} from '../remote.kubernetes.secret/kubernetes-data.ts'

const CONFIGMAP: DataKind = {
  resource: 'configmap',
  valueOf: (stored) => ({ kind: 'secret', text: stored, optional: true }),
}

/** The data is there before anything that refers to it is built; a poll that fails later keeps the last one. */
export const remoteKubernetesConfigmap = defineComponent({
  name: 'remote.kubernetes.configmap',
  summary: 'Reads a ConfigMap of a Kubernetes cluster and exports its data, again whenever it changes.',
  fields: dataFields,
  stability: 'generally-available',
  exports: { data: 'map(secret or string): the values by their keys' },
  prepare: (options, ctx) => prepareData(CONFIGMAP, options, ctx),
  create: (options, ctx, prepared) => pollData(CONFIGMAP, options, ctx, prepared),
})
