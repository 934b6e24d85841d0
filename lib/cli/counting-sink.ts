/** A sink that takes entries and discards them, for the demo without a Loki. */
import { Writable } from 'node:stream'
import type { Batch } from '../flow/batch.ts'
import type { ComponentDefinition } from '../component/component.ts'
import { DELIVERED } from '../flow/outcome.ts'

/** Returns a definition with the fields of `like`. */
export function countingSink(like: ComponentDefinition): ComponentDefinition {
  return {
    ...like,
    create: () => ({
      input: new Writable({
        objectMode: true,
        write: (batch: Batch, _encoding, done) => {
          for (const entry of batch.take()) entry.ack.settle(DELIVERED)
          done()
        },
      }),
    }),
  }
}
