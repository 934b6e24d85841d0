/** The table of components that stand between sources and sinks, or only give values to others. */
import type { ComponentDefinition } from '../component.ts'
import { discoveryFile } from './discovery-file.ts'
import { discoveryRelabel } from './discovery-relabel.ts'
import { lokiEnrich } from './enrich.ts'
import { localFile } from './local-file.ts'
import { lokiProcess } from './process.ts'
import { lokiRelabel } from './relabel.ts'
import { remoteHttp } from './remote-http.ts'
import { lokiSecretfilter } from './secretfilter.ts'

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
