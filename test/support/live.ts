/** A running component around whatever a test gives, with a clock that stands still and a log that is kept. */
import type { Component } from '../../lib/component/component.ts'
import { defineComponent } from '../../lib/component/component.ts'
import { LiveComponent, type LiveOptions } from '../../lib/run/supervise/live.ts'
import { createLogger } from '../../lib/telemetry/log.ts'
import { ComponentBench } from './component-run.ts'

export interface LiveBench {
  readonly live: LiveComponent
  readonly bench: ComponentBench
  /** Lines of its log without their time. */
  readonly logged: string[]
}

export function liveComponent(component: Component, more: Partial<LiveOptions> = {}): LiveBench {
  const bench = new ComponentBench()
  const logged: string[] = []
  const log = createLogger({ level: 'debug', format: 'logfmt' }, (line) =>
    logged.push(line.replace(/^ts=\S+ /, '')),
  )
  const live = new LiveComponent({
    fullId: 'm.n/test.x.y',
    id: 'test.x.y',
    componentPath: '/m.n',
    definition: defineComponent({
      name: 'test.x',
      summary: 'For tests.',
      stability: 'generally-available',
      exports: {},
      fields: {},
      create: () => component,
    }),
    options: {},
    component,
    ctx: { ...bench.context, log },
    ...more,
  })
  return { live, bench, logged }
}
