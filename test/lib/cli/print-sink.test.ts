import { once } from 'node:events'
import { Writable } from 'node:stream'
import t from 'tap'
import { Batch } from '../../../lib/flow/batch.ts'
import { printing } from '../../../lib/cli/print-sink.ts'
import { components } from '../../../lib/components/index.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { ComponentBench } from '../../support/component-run.ts'

const write = components.get('loki.write')!

async function print(stdout: Writable, json: boolean): Promise<Record<string, number>> {
  const bench = new ComponentBench()
  const definition = printing(write, stdout, { json, colour: false })
  const { input } = definition.create({}, bench.context)
  const entry = bench.entry('a "line"', { b: 'c' })
  entry.structuredMetadata = [['trace', '1']]
  input!.write(new Batch([entry, bench.entry('plain')]))
  input!.end()
  await once(input!, 'finish')
  return bench.account([])
}

void t.test('text and JSON, one line an entry, delivered once it is written', async (tap) => {
  const text = fakeIo()
  tap.same(await print(text.stdout, false), { delivered: 2 })
  tap.equal(text.out(), '2026-01-02T03:04:05Z {b="c"} trace="1" a "line"\n2026-01-02T03:04:05Z {} plain\n')
  const json = fakeIo()
  tap.same(await print(json.stdout, true), { delivered: 2 })
  tap.same(
    json
      .out()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object),
    [
      {
        timestamp: '2026-01-02T03:04:05Z',
        labels: { b: 'c' },
        line: 'a "line"',
        structured_metadata: { trace: '1' },
      },
      { timestamp: '2026-01-02T03:04:05Z', labels: {}, line: 'plain' },
    ],
  )
})

void t.test('a closed standard output is a reason, not a delivery', async (tap) => {
  const closed = new Writable({ write: () => {} })
  closed.destroy()
  tap.same(await print(closed, false), { 'dropped stdout_closed': 2 })
  const breaking = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })),
  })
  breaking.on('error', () => {})
  tap.same(await print(breaking, false), { 'dropped stdout_closed': 2 })
})

void t.test('what a full disk does not take is lost', async (tap) => {
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })),
  })
  full.on('error', () => {})
  tap.same(await print(full, false), { 'dropped stdout_failed': 2 })
})

void t.test('everything else of the definition stays', (tap) => {
  const definition = printing(write, fakeIo().stdout, { json: false, colour: false })
  tap.equal(definition.name, 'loki.write')
  tap.equal(definition.fields, write.fields)
  tap.end()
})
