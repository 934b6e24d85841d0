/** What tests of single components need: a context that notes exports, and a way to send entries through. */
import type { Value } from '../../lib/alloy/value.ts'
import { Batch } from '../../lib/flow/batch.ts'
import type { Component, ComponentContext, ComponentDefinition } from '../../lib/component/component.ts'
import { decodeInput } from '../../lib/component/decode.ts'
import type { Entry } from '../../lib/flow/entry.ts'
import type { Fields, InputOf, OptionsOf } from '../../lib/component/fields.ts'
import { Bench } from './stage-run.ts'

/** A bench for one component; `exported` holds all that it published after its creation. */
export class ComponentBench extends Bench {
  readonly exported: ReadonlyMap<string, Value>[] = []
  readonly context: ComponentContext = {
    ...this.ctx,
    id: 'test.component',
    modulePath: '/etc',
    stability: 'experimental',
    export: (exports) => void this.exported.push(exports),
  }

  options<F extends Fields>(definition: ComponentDefinition<F>, input: InputOf<F>): OptionsOf<F> {
    return decodeInput(definition.name, definition.fields, input)
  }

  create<F extends Fields>(
    definition: ComponentDefinition<F>,
    input: InputOf<F>,
    prepared?: ReadonlyMap<string, Value>,
  ): Component {
    return definition.create(this.options(definition, input), this.context, prepared)
  }

  /** Returns what comes out for these entries; the component keeps running. */
  async through(component: Component, entries: Entry[]): Promise<Entry[]> {
    const { input, output } = component
    await new Promise<void>((resolve, reject) =>
      input!.write(new Batch(entries), (error) => (error ? reject(error) : resolve())),
    )
    const out: Entry[] = []
    for (let batch: Batch | null; (batch = output!.read() as Batch | null) !== null;)
      out.push(...batch.take())
    return out
  }
}

/** Waits until something is so; the test's own time limit ends it otherwise. */
export async function until(what: () => boolean): Promise<void> {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 1))
}
