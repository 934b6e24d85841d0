/** The table of components that stand between sources and sinks, or only give values to others. */
import type { ComponentDefinition } from '../component/component.ts'
import { discoveryFile } from './discovery.file/discovery-file.ts'
import { discoveryRelabel } from './discovery.relabel/discovery-relabel.ts'
import { lokiEnrich } from './loki.enrich/enrich.ts'
import { localFile } from './local.file/local-file.ts'
import { lokiProcess } from './loki.process/process.ts'
import { lokiRelabel } from './loki.relabel/relabel.ts'
import { remoteHttp } from './remote.http/remote-http.ts'
import { lokiSecretfilter } from './loki.secretfilter/secretfilter.ts'

export const processors = [
  lokiProcess,
  lokiRelabel,
  lokiEnrich,
  lokiSecretfilter,
  discoveryFile,
  discoveryRelabel,
  localFile,
  remoteHttp,
] as unknown as readonly ComponentDefinition[]
