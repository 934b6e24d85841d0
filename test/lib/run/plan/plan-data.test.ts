/** What was built for a plan that is not taken is let go; what runs already is not. */
import { PassThrough } from 'node:stream'
import t from 'tap'
import type { Component, ComponentDefinition } from '../../../../lib/component/component.ts'
import { discard, type PlannedComponent } from '../../../../lib/run/plan/plan-data.ts'
import { ComponentBench } from '../../../support/component-run.ts'
import { Metrics } from '../../../../lib/telemetry/metrics.ts'

void t.test('only what is fresh is closed', async (t) => {
  const closed: string[] = []
  const registry = Metrics.create()
  const planned = (id: string, fresh: boolean): PlannedComponent & { stream: PassThrough } => {
    const stream = new PassThrough()
    const component: Component = { input: stream, output: stream, close: () => void closed.push(id) }
    const metrics = registry.with({ id })
    metrics.counter('made_total', 'Made.').value = 1
    const definition = {} as ComponentDefinition
    const ctx = { ...new ComponentBench().context, metrics }
    const declared = { source: { name: 'c.alloy', text: '' }, range: { start: 0, end: 0 }, references: [] }
    return {
      fullId: id,
      id,
      componentPath: '/',
      definition,
      options: {},
      component,
      fresh,
      ctx,
      declared,
      stream,
    }
  }
  const fresh = planned('fresh', true)
  const running = planned('running', false)
  await discard({ components: [fresh, running], settings: new Map(), files: [], diagnostics: [] })
  t.same(closed, ['fresh'])
  t.same([fresh.stream.destroyed, running.stream.destroyed], [true, false])
  t.same(
    registry.snapshot().flatMap(({ samples }) => samples.map(({ labels }) => labels['id'])),
    ['running'],
  )
})
