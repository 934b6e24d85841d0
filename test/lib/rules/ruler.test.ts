/** The ruler: evaluations on time, alerts over a restart, changed files, recorded series. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Querier } from '../../../lib/logql/engine/querier.ts'
import { offsetOf, slotBefore } from '../../../lib/rules/schedule.ts'
import { RulerHarness, turns } from '../../support/ruler.ts'

const ERRORS = `groups:
  - name: g
    interval: 10s
    rules:
      - alert: Errors
        expr: sum by (app) (count_over_time({app="shop"} |= "error" [1m])) > 0
        for: 30s
        annotations: { summary: "{{ $value }} in {{ $labels.app }}" }
`

void t.test('groups are evaluated at fixed times, each at its own', (tap) => {
  tap.equal(slotBefore(100_000, 60_000, 10_000), 70_000)
  tap.equal(slotBefore(70_000, 60_000, 10_000), 70_000)
  tap.equal(slotBefore(69_999, 60_000, 10_000), 10_000)
  const offsets = ['a', 'b', 'c', 'd'].map((name) => offsetOf('n', name, 60_000))
  tap.equal(new Set(offsets).size, 4)
  tap.ok(offsets.every((offset) => offset >= 0 && offset < 60_000))
  tap.equal(offsetOf('n', 'a', 60_000), offsets[0])
  tap.end()
})

void t.test('an alert fires, is sent with external labels, and is resolved', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', ERRORS)
  const ruler = await harness.start()
  const [group] = ruler.groups()
  await harness.advance(10_000)
  tap.equal(group!.rules[0]!.health, 'ok')
  harness.line('an error')
  await harness.advance(10_000)
  tap.match(group!.rules[0]!.alerting!.table.active, [{ state: 'pending' }])
  await harness.advance(30_000)
  tap.match(harness.sent, [
    {
      labels: { alertname: 'Errors', app: 'shop', cluster: 'c1' },
      annotations: { summary: '1 in shop' },
      resolved: false,
      generatorUrl: /^http:\/\/logs\/\?view=explore&q=sum/,
    },
  ])
  await harness.advance(40_000)
  tap.match(harness.sent.at(-1), { resolved: true, startsAt: harness.sent[0]!.startsAt })
  const text = await harness.metrics.exposition()
  tap.match(text, /loki_prometheus_rule_evaluations_total\{rule_group="shop;g"\} [89]\n/)
  tap.match(text, /loki_prometheus_rule_group_iterations_missed_total\{rule_group="shop;g"\} 0/)
  tap.match(text, /loki_prometheus_notifications_sent_total\{alertmanager="list"\} 2/)
})

void t.test('a restart: what is pending goes on counting, what fired is resolved', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', ERRORS)
  const ruler = await harness.start()
  harness.line('an error')
  await harness.advance(15_000)
  const [before] = ruler.groups()[0]!.rules[0]!.alerting!.table.active
  tap.equal(before!.state, 'pending')
  while (!existsSync(join(harness.folder, 'alerts.json'))) await turns()
  const saved = readFileSync(join(harness.folder, 'alerts.json'))
  await ruler.close()
  // What a killed process leaves behind is no less than this.
  writeFileSync(join(harness.folder, 'alerts.json'), saved)
  const second = await harness.start()
  await harness.advance(25_000)
  tap.match(second.groups()[0]!.rules[0]!.alerting!.table.active, [
    { state: 'firing', activeAt: before!.activeAt },
  ])
  tap.equal(harness.sent.length, 1)
  await turns(20)
  await second.close()
  const third = await harness.start()
  await harness.advance(40_000)
  tap.match(harness.sent.at(-1), { resolved: true }, 'its end is told by the third')
  await turns(20)
  await third.close()
  harness.clock.advance(2 * 3_600_000)
  const late = await harness.start()
  tap.same(late.groups()[0]!.rules[0]!.alerting!.table.all, [], 'after hours nothing is known')
  await late.close()
  writeFileSync(join(harness.folder, 'alerts.json'), '{"at":')
  await harness.start()
  tap.match(harness.log.join('\n'), /the saved alerts cannot be read/)
})

void t.test('evaluations that take too long are counted as missed', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', ERRORS)
  let release: () => void = () => {}
  const slow: Querier = {
    streams: () => Promise.resolve([]),
    statistics: () => Promise.resolve([]),
    // eslint-disable-next-line require-yield
    async *entries() {
      await new Promise<void>((resolve) => (release = resolve))
    },
  }
  await harness.start({}, slow)
  await harness.advance(45_000)
  release()
  await turns(10)
  const text = await harness.metrics.exposition()
  tap.match(text, /loki_prometheus_rule_group_iterations_missed_total\{rule_group="shop;g"\} [34]\n/)
})

void t.test('a query that never ends is ended, and one that runs at the end is not an error', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', ERRORS)
  const endless: Querier = {
    streams: () => Promise.resolve([]),
    statistics: () => Promise.resolve([]),
    // eslint-disable-next-line require-yield
    async *entries({ signal }) {
      await new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => reject(signal!.reason as Error))
      })
    },
  }
  const ruler = await harness.start({ limits: { timeout: 20 } }, endless)
  const [rule] = ruler.groups()[0]!.rules
  await harness.advance(10_000)
  while (rule!.health === 'unknown') await new Promise((resolve) => setTimeout(resolve, 5))
  tap.match(rule, { health: 'err', lastError: 'the query took longer than 0.02 s' })
  const closing = await harness.start({}, endless)
  await harness.advance(10_000)
  await closing.close()
  tap.equal(closing.groups()[0]!.rules[0]!.health, 'unknown')
  tap.notMatch(harness.log.join('\n'), /the store is closing/)
})

void t.test('files that change, that are wrong, and that go', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file('shop.yaml', ERRORS)
  harness.file('bad.yml', 'groups: [{name: x, rules: [{alert: A}]}]')
  harness.file('notes.txt', 'no rules')
  const ruler = await harness.start()
  tap.same(
    ruler.groups().map(({ key }) => key),
    ['shop;g'],
  )
  tap.match(ruler.problems, [/bad\.yml:1:\d+: a rule needs "expr"/])
  harness.line('an error')
  await harness.advance(15_000)
  const [before] = ruler.groups()[0]!.rules[0]!.alerting!.table.active
  harness.file('shop.yaml', ERRORS.replace('for: 30s', 'for: 1h'))
  harness.file('bad.yml', 'groups: []')
  await ruler.reload()
  tap.same(ruler.problems, [])
  tap.match(
    ruler.groups()[0]!.rules[0]!.alerting!.table.active,
    [{ activeAt: before!.activeAt }],
    'its alerts stay',
  )
  harness.file('shop.yaml', 'groups: [')
  await ruler.reload()
  tap.equal(ruler.groups().length, 1, 'the rules from before')
  tap.equal(ruler.problems.length, 1)
  rmSync(join(harness.folder, 'rules', 'shop.yaml'))
  await ruler.reload()
  tap.equal(ruler.groups().length, 0)
  tap.notMatch(await harness.metrics.exposition(), /shop;g/)
})

void t.test('recording rules are gauges', async (tap) => {
  const harness = new RulerHarness(tap)
  harness.file(
    'r.yaml',
    `groups:
  - name: g
    interval: 10s
    limit: 2
    rules:
      - record: app:lines:1m
        expr: sum by (app) (count_over_time({app=~".+"}[1m]))
        labels: { kind: recorded }
      - record: loki_prometheus_rule_evaluations_total
        expr: vector(1)
      - record: nothing
        expr: sum(count_over_time({app="none"}[1m]))
`,
  )
  const ruler = await harness.start()
  harness.line('a')
  harness.line('b', { app: 'web' })
  await harness.advance(15_000)
  tap.match(
    await harness.metrics.exposition(),
    /app:lines:1m\{app="shop",kind="recorded"\} 1\napp:lines:1m\{app="web",kind="recorded"\} 1/,
  )
  const [lines, taken, nothing] = ruler.groups()[0]!.rules
  tap.match(
    [lines, taken, nothing],
    [{ health: 'ok' }, { health: 'err', lastError: /already a counter/ }, { health: 'ok' }],
  )
  harness.line('c', { app: 'third' })
  await harness.advance(10_000)
  tap.match(lines, { health: 'err', lastError: 'exceeded limit of 2 with 3 series' })
  tap.notMatch(await harness.metrics.exposition(), /app:lines:1m\{/)
  await ruler.close()
  tap.notMatch(await harness.metrics.exposition(), /app:lines|rule_group/)
})
