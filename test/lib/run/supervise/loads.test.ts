import t from 'tap'
import { supervised } from '../../../support/supervised.ts'

void t.test('what became of the last load', async (tap) => {
  const bench = supervised(tap)
  const { metrics, supervisor, clock } = bench
  const value = async (name: string): Promise<string | undefined> =>
    new RegExp(`^${name}(?:\\{.*\\})? (.*)$`, 'm').exec(await metrics.exposition())?.[1]
  tap.equal(await value('alloy_config_last_load_successful'), '0', 'nothing is loaded yet')
  tap.equal(await value('alloy_config_hash'), undefined)

  await bench.load('test.sink "a" { }')
  const loadedAt = String(clock.now() / 1000)
  tap.equal(await value('alloy_config_last_load_successful'), '1')
  tap.equal(await value('alloy_config_last_load_success_timestamp_seconds'), loadedAt)
  tap.match(await metrics.exposition(), /^alloy_config_hash\{sha256="[0-9a-f]{64}",cluster_name=""\} 1$/m)
  tap.equal(await value('alloy_config_load_failures_total'), '0')
  tap.equal(supervisor.failedLoad, undefined)

  clock.advance(5000)
  await bench.load('test.sink "a" { nope = 1 }')
  tap.match(supervisor.failedLoad, {
    at: clock.now(),
    diagnostics: [{ message: /unknown attribute "nope"/ }],
    message: '',
  })
  await tap.rejects(bench.load('test.sink "a" {\n fail = "start"\n anew = "x"\n}'))
  tap.match(supervisor.failedLoad, {
    diagnostics: [],
    message: /test\.sink\.a cannot start: the port is taken/,
  })
  tap.equal(await value('alloy_config_last_load_successful'), '0')
  tap.equal(await value('alloy_config_last_load_success_timestamp_seconds'), loadedAt)
  tap.equal(await value('alloy_config_load_failures_total'), '2')

  await bench.load('test.sink "a" { }')
  tap.equal(supervisor.failedLoad, undefined)
  tap.equal(await value('alloy_config_last_load_successful'), '1')
})
