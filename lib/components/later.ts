/** Sources that decode and validate, and that this version cannot run. */
import { lokiSourceApi } from './loki.source.api/api.ts'
import { discoveryDocker, lokiSourceDocker } from './loki.source.docker/docker.ts'
import { lokiSourceJournal } from './loki.source.journal/journal.ts'
import { lokiSourceKafka } from './loki.source.kafka/kafka.ts'

export const laterSources = [
  lokiSourceApi,
  lokiSourceJournal,
  lokiSourceDocker,
  discoveryDocker,
  lokiSourceKafka,
]
