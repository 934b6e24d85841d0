/** Sources that decode and validate, and that this version cannot run. */
import { lokiSourceApi } from './api.ts'
import { discoveryDocker, lokiSourceDocker } from './docker.ts'
import { lokiSourceJournal } from './journal.ts'
import { lokiSourceKafka } from './kafka.ts'

export const laterSources = [
  lokiSourceApi,
  lokiSourceJournal,
  lokiSourceDocker,
  discoveryDocker,
  lokiSourceKafka,
]
