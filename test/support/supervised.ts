/** A supervisor of small components (`FakeGraph`) with a clock of its own, for tests of what a config asks for. */
import type { Test } from 'tap'
import { placeOf } from '../../lib/alloy/diagnostic.ts'
import type { Value } from '../../lib/alloy/value.ts'
import type { Stability } from '../../lib/component/component.ts'
import { diskFiles } from '../../lib/run/modules/config-files.ts'
import { Supervisor, type CheckOptions } from '../../lib/run/supervise/supervisor.ts'
import { createLogger } from '../../lib/telemetry/log.ts'
import { Metrics } from '../../lib/telemetry/metrics.ts'
import { FakeGraph } from './fake-graph.ts'
import { StepClock } from './step-clock.ts'

export interface Supervised {
  readonly graph: FakeGraph
  readonly supervisor: Supervisor
  readonly metrics: Metrics
  readonly clock: StepClock
  /** Error lines of the log. */
  readonly errors: string[]
  /** Loads a config; returns `name:line:column message` for everything wrong with it. */
  load(text: string): Promise<string[]>
  check(text: string, options?: CheckOptions): Promise<string[]>
  /** The decoded options of what runs, by full id. */
  ids(): string[]
  /** What `test.sink` with that id was given as `value`. */
  value(id: string): Value | undefined
}

export function supervised(
  t: Test,
  { stability = 'experimental', storagePath }: { stability?: Stability; storagePath?: string } = {},
): Supervised {
  const graph = new FakeGraph()
  const clock = new StepClock()
  const metrics = Metrics.create()
  const errors: string[] = []
  const values = new Map<string, Value>()
  let text = ''
  const supervisor = new Supervisor({
    config: () => [{ source: { name: 'c', text }, modulePath: '/etc' }],
    files: diskFiles,
    log: createLogger({ level: 'error', format: 'logfmt' }, (line) => errors.push(line)),
    metrics,
    stability,
    stdlib: new Map(),
    storagePath,
    clock,
    substitutes: graph.definitions.map((each) =>
      each.name === 'test.sink'
        ? {
            ...each,
            create: (options, ctx) => {
              values.set(ctx.id, options['value'] as Value)
              return each.create(options, ctx)
            },
          }
        : each,
    ),
  })
  t.teardown(() => supervisor.stop())
  const shown = (found: Awaited<ReturnType<Supervisor['load']>>): string[] =>
    found.map((each) => `${placeOf(each)} ${each.message}`)
  return {
    graph,
    supervisor,
    metrics,
    clock,
    errors,
    load: async (given) => {
      text = given
      return shown(await supervisor.load())
    },
    check: async (given, options) => {
      text = given
      return shown(await supervisor.check(options))
    },
    ids: () => supervisor.components().map(({ fullId }) => fullId),
    value: (id) => values.get(id),
  }
}
