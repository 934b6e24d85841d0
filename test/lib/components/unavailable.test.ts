import t from 'tap'
import { refusal } from '../../../lib/components/unavailable.ts'

void t.test('components that Alloy has and logstream has not say what to do', (tap) => {
  tap.match(refusal('prometheus.scrape'), /does not have prometheus.scrape: .*\/metrics/)
  tap.match(refusal('loki.source.kubernetes_events'), /loki.source.kubernetes_events/)
  tap.match(refusal('loki.source.azure_event_hubs'), /loki.source.kafka/)
  tap.equal(refusal('loki.sauce.file'), undefined, 'what Alloy lacks too is simply unknown')
  tap.equal(refusal('loki.source.file'), undefined)
  tap.end()
})
