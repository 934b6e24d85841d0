import t from 'tap'
import { ComponentBench } from '../../support/component-run.ts'
import { defineComponent, RECEIVER } from '../../../lib/component/component.ts'
import { optional, text } from '../../../lib/component/fields.ts'

void t.test('declaring a component gives back the declaration', (tap) => {
  const definition = defineComponent({
    name: 'test.x',
    summary: 'Test.',
    fields: { a: optional(text, 'x', 'A.') },
    stability: 'experimental',
    exports: {},
    create: (options) => ({ status: () => options.a.toUpperCase() }),
  })
  tap.equal(definition.create({ a: 'b' }, new ComponentBench().context).status?.(), 'B')
  tap.equal(RECEIVER, 'loki.LogsReceiver')
  tap.end()
})
