/** `loki.echo` prints what it gets and settles it. */
import { finished } from 'node:stream/promises'
import t from 'tap'
import { SourceAck } from '../../../../lib/flow/ack.ts'
import { Batch } from '../../../../lib/flow/batch.ts'
import type { ComponentContext } from '../../../../lib/component/component.ts'
import { libraryContext } from '../../../../lib/component/context.ts'
import { Entry } from '../../../../lib/flow/entry.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { Ledger } from '../../../../lib/flow/ledger.ts'
import { lokiEcho } from '../../../../lib/components/loki.echo/loki-echo.ts'
import { createLogger } from '../../../../lib/telemetry/log.ts'

void t.test('prints line, time, all labels and metadata', async (t) => {
  const lines: string[] = []
  const ctx: ComponentContext = {
    ...libraryContext('loki.echo.test'),
    log: createLogger({ level: 'info', format: 'json' }, (line) => lines.push(line)),
    export: () => {},
    modulePath: '',
    stability: 'generally-available',
  }
  const ledger = new Ledger()
  ledger.units(1)
  const ack = new SourceAck({ ledger, replayable: false, settled: () => {} }, 1)
  const entry = new Entry(1_767_323_045, 120_000_000, 'a "b"', labelSet({ job: 'x', __a__: 'y' }), ack)
  entry.structuredMetadata = [['k', 'v']]
  const { input } = lokiEcho.create({}, ctx)
  input!.end(new Batch([entry]))
  await finished(input!)
  t.match(JSON.parse(lines[0]!), {
    level: 'info',
    receiver: 'loki.echo.test',
    entry: 'a "b"',
    entry_timestamp: '2026-01-02T03:04:05.12Z',
    labels: '{__a__="y", job="x"}',
    structured_metadata: '[{"name":"k","value":"v"}]',
  })
  t.equal(ledger.total('delivered'), 1)
})
