/** `loki.source.kafka` and `loki.sink.kafka` on a real broker. */
import t from 'tap'
import { noKafka, startKafka } from '../support/kafka-broker.ts'

const skip = noKafka()

void t.test('a real broker', { skip, timeout: 1_200_000 }, async (tap) => {
  const kafka = await startKafka()
  tap.teardown(() => kafka.close())
  await kafka.createTopic('logs', 6)
  tap.same(await kafka.ends('logs'), [0, 0, 0, 0, 0, 0])
})
