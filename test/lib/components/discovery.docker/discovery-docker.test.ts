/** `discovery.docker` on a stand-in engine: targets as containers start and exit. */
import t, { type Test } from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import type { Component } from '../../../../lib/component/component.ts'
import { discoveryDocker } from '../../../../lib/components/discovery.docker/discovery-docker.ts'
import { Signal } from '../../../../lib/flow/signal.ts'
import { startFakeDocker } from '../../../support/fake-docker.ts'
import { until } from '../../../support/component-run.ts'
import { sourceContext, type SourceContext } from '../../../support/source.ts'
import { StepClock } from '../../../support/step-clock.ts'

interface Running {
  readonly component: Component
  readonly ctx: SourceContext
  readonly clock: StepClock
  /** Names of the containers in the last export. */
  readonly names: () => string[]
  readonly exported: Signal
}

function discovery(tap: Test, host: string): Running {
  const clock = new StepClock()
  const exported = new Signal()
  let names: string[] = []
  const ctx = sourceContext({
    clock,
    export: (exports) => {
      const targets = exports.get('targets') as readonly ReadonlyMap<string, string>[]
      names = targets.map((target) => target.get('__meta_docker_container_name')!).sort()
      exported.notify()
    },
  })
  const options = decodeInput('discovery.docker', discoveryDocker.fields, { host })
  const component = discoveryDocker.create(options, ctx)
  tap.teardown(() => component.close?.())
  return { component, ctx, clock, names: () => names, exported }
}

/** Events come over a real socket: time moves until what they bring is there. */
async function settle(clock: StepClock, done: () => boolean): Promise<void> {
  await until(() => {
    clock.advance(200)
    return done()
  })
}

void t.test('containers are seen as they start, and no longer once they have exited', async (tap: Test) => {
  const docker = await startFakeDocker()
  tap.teardown(() => docker.close())
  docker.run('a')
  const { component, clock, names } = discovery(tap, docker.host)
  await component.start?.()
  tap.strictSame(names(), ['/a'])
  await settle(clock, () => names().length === 1)
  const b = docker.run('b')
  await settle(clock, () => names().length === 2)
  tap.strictSame(names(), ['/a', '/b'])
  docker.exit(b)
  await settle(clock, () => names().length === 1)
  tap.strictSame(names(), ['/a'])
})

void t.test('an engine that does not answer keeps the last targets and is told', async (tap: Test) => {
  const docker = await startFakeDocker()
  docker.run('a')
  const { component, clock, names, ctx } = discovery(tap, docker.host)
  await component.start?.()
  await docker.close()
  await settle(clock, () => component.health!().state === 'unhealthy')
  tap.match(component.health!().message, /^cannot reach Docker at unix:/)
  tap.strictSame(names(), ['/a'])
  tap.match(ctx.logged.join('\n'), /containers cannot be listed/)
})
