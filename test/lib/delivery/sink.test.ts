/** The delivery suite, with two kinds of destination: Loki, and lines of JSON. */
import { lokiDestination } from '../../../lib/loki/destination.ts'
import { httpTransport } from '../../../lib/loki/push.ts'
import { WriteMetrics } from '../../../lib/loki/write-metrics.ts'
import type { DeliveryMetrics } from '../../../lib/delivery/destination.ts'
import { systemClock } from '../../../lib/flow/clock.ts'
import { EMPTY_LABELS } from '../../../lib/flow/labels.ts'
import { Agent } from 'undici'
import { deliverySuite, type Arrived, type Kind } from '../../support/delivery-suite.ts'
import { startFakeLoki, type ArrivedPush, type FakeAnswer } from '../../support/fake-loki.ts'
import { newlineJsonServer } from '../../support/newline-json-server.ts'
import { newlineJson } from '../../support/newline-json.ts'

const owner = (url: string): { key: string; endpoint: string; title: string } => ({
  key: encodeURIComponent(url),
  endpoint: '0',
  title: url,
})

const loki: Kind = {
  name: 'Loki',
  labelsOf: (route) => ({ job: 'test', __tenant_id__: route }),
  start: async (first) => {
    let respond = first
    const entriesOf = (push: ArrivedPush): Arrived[] =>
      push.entries.map(({ line }) => ({ route: push.tenant, line }))
    const fake = await startFakeLoki({
      respond: (push): FakeAnswer => {
        const answer = respond(entriesOf(push))
        return answer === 'ok' ? 204 : answer
      },
    })
    return {
      server: {
        get respond() {
          return respond
        },
        set respond(next) {
          respond = next
        },
        get entries() {
          return fake.entries().map(({ tenant, line }) => ({ route: tenant, line }))
        },
        get pushes() {
          return fake.pushes.length
        },
        close: () => fake.close(),
      },
      plan: (settings, batchSize, metrics) => ({
        settings,
        destination: lokiDestination(
          httpTransport({
            url: new URL(fake.pushUrl),
            connections: new Agent(),
            authorizer: { header: () => Promise.resolve(undefined), close: () => Promise.resolve() },
            timeout: 3000,
            headers: new Map(),
            secretHeaders: new Map(),
          }),
          {
            batchSize,
            batchWait: 5,
            maxStreams: 0,
            tenant: '',
            externalLabels: EMPTY_LABELS,
            clock: systemClock,
          },
        ),
        metrics: new WriteMetrics(metrics, 'test'),
        owner: owner(fake.url),
      }),
    }
  },
}

const NO_METRICS: DeliveryMetrics = {
  route: () => {},
  request: () => {},
  sent: () => {},
  retried: () => {},
  dropped: () => {},
  sentEntries: 0,
}

const lines: Kind = {
  name: 'newline JSON',
  labelsOf: (route) => ({ route }),
  start: async (respond) => {
    const server = await newlineJsonServer(respond)
    return {
      server,
      plan: (settings, batchBytes) => ({
        settings,
        destination: newlineJson(server.url, batchBytes),
        metrics: NO_METRICS,
        owner: owner(server.url),
      }),
    }
  },
}

deliverySuite(loki)
deliverySuite(lines)
