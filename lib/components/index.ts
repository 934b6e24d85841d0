/** The table of components: one line each, named as in a config. */
import type { ComponentDefinition } from '../component/component.ts'
import { discoveryDocker } from './discovery.docker/discovery-docker.ts'
import { discoveryFile } from './discovery.file/discovery-file.ts'
import { discoveryKubernetes } from './discovery.kubernetes/discovery-kubernetes.ts'
import { discoveryRelabel } from './discovery.relabel/discovery-relabel.ts'
import { localFile } from './local.file/local-file.ts'
import { localFileMatch } from './local.file_match/file-match.ts'
import { lokiEcho } from './loki.echo/loki-echo.ts'
import { lokiEnrich } from './loki.enrich/enrich.ts'
import { lokiProcess } from './loki.process/process.ts'
import { lokiRelabel } from './loki.relabel/relabel.ts'
import { lokiSecretfilter } from './loki.secretfilter/secretfilter.ts'
import { lokiSinkKafka } from './loki.sink.kafka/sink.ts'
import { lokiSinkS3 } from './loki.sink.s3/sink.ts'
import { lokiSourceApi } from './loki.source.api/api.ts'
import { lokiSourceAwsFirehose } from './loki.source.awsfirehose/firehose.ts'
import { lokiSourceAzureEventHubs } from './loki.source.azure_event_hubs/event-hubs.ts'
import { lokiSourceCloudflare } from './loki.source.cloudflare/cloudflare.ts'
import { lokiSourceDocker } from './loki.source.docker/docker.ts'
import { lokiSourceFile } from './loki.source.file/file.ts'
import { lokiSourceGcplog } from './loki.source.gcplog/gcplog.ts'
import { lokiSourceGelf } from './loki.source.gelf/gelf.ts'
import { lokiSourceHeroku } from './loki.source.heroku/heroku.ts'
import { lokiSourceJournal } from './loki.source.journal/journal.ts'
import { lokiSourceKafka } from './loki.source.kafka/kafka.ts'
import { lokiSourceKubernetes } from './loki.source.kubernetes/kubernetes.ts'
import { lokiSourceKubernetesEvents } from './loki.source.kubernetes_events/kubernetes-events.ts'
import { lokiSourcePodlogs } from './loki.source.podlogs/podlogs.ts'
import { stdinSource } from './loki.source.stdin/stdin.ts'
import { lokiSourceSyslog } from './loki.source.syslog/syslog.ts'
import { lokiSourceTcp } from './loki.source.tcp/tcp.ts'
import { lokiStore } from './loki.store/loki-store.ts'
import { lokiWrite } from './loki.write/loki-write.ts'
import { otelcolExporterLoki } from './otelcol.exporter.loki/exporter-loki.ts'
import { otelcolProcessorBatch } from './otelcol.processor.batch/processor-batch.ts'
import { otelcolReceiverLoki } from './otelcol.receiver.loki/receiver-loki.ts'
import { otelcolReceiverOtlp } from './otelcol.receiver.otlp/receiver-otlp.ts'
import { remoteHttp } from './remote.http/remote-http.ts'
import { remoteKubernetesConfigmap } from './remote.kubernetes.configmap/configmap.ts'
import { remoteKubernetesSecret } from './remote.kubernetes.secret/secret.ts'

const table = [
  discoveryDocker,
  discoveryFile,
  discoveryKubernetes,
  discoveryRelabel,
  localFile,
  localFileMatch,
  lokiEcho,
  lokiEnrich,
  lokiProcess,
  lokiRelabel,
  lokiSecretfilter,
  lokiSinkKafka,
  lokiSinkS3,
  lokiSourceApi,
  lokiSourceAwsFirehose,
  lokiSourceAzureEventHubs,
  lokiSourceCloudflare,
  lokiSourceDocker,
  lokiSourceFile,
  lokiSourceGcplog,
  lokiSourceGelf,
  lokiSourceHeroku,
  lokiSourceJournal,
  lokiSourceKafka,
  lokiSourceKubernetes,
  lokiSourceKubernetesEvents,
  lokiSourcePodlogs,
  stdinSource(() => process.stdin),
  lokiSourceSyslog,
  lokiSourceTcp,
  lokiStore,
  lokiWrite,
  otelcolExporterLoki,
  otelcolProcessorBatch,
  otelcolReceiverLoki,
  otelcolReceiverOtlp,
  remoteHttp,
  remoteKubernetesConfigmap,
  remoteKubernetesSecret,
] as const

/** The definitions with their names and arguments as types, for programs that make a component by its name. */
export type NamedDefinition = (typeof table)[number]

export const componentDefinitions: readonly ComponentDefinition[] = table

/** Every component by the name a config uses. */
export const components: ReadonlyMap<string, ComponentDefinition> = new Map(
  componentDefinitions.map((definition) => [definition.name, definition]),
)
