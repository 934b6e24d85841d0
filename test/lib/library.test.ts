/** Components as Node streams: files into Loki without a config, and how mistakes and faults come out. */
import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { Batch } from '../../lib/flow/batch.ts'
import { Entry } from '../../lib/flow/entry.ts'
import { fileTail, lokiWriter } from '../../lib/index.ts'
import { labelSet } from '../../lib/flow/labels.ts'
import { componentContext, sinkStream, sourceStream, startSource } from '../../lib/library.ts'
import { DELIVERED } from '../../lib/flow/outcome.ts'
import { pipeline } from '../../lib/pipeline.ts'
import { lokiSourceFile } from '../../lib/components/loki.source.file/file.ts'
import { startFakeLoki } from '../support/fake-loki.ts'
import { tempDir } from '../support/write-harness.ts'

/** Takes what comes; `lines` grows, `until` resolves when there are so many. */
function collector(): { stream: Writable; lines: string[]; until: (count: number) => Promise<void> } {
  const lines: string[] = []
  let wake = (): void => {}
  const stream = new Writable({
    objectMode: true,
    write: (batch: Batch, _encoding, done) => {
      for (const entry of batch.take()) {
        lines.push(`${entry.labels.get('filename')?.split('/').at(-1)} ${entry.line}`)
        entry.ack.settle(DELIVERED)
      }
      wake()
      done()
    },
  })
  const until = async (count: number): Promise<void> => {
    while (lines.length < count) await new Promise<void>((resolve) => (wake = resolve))
  }
  return { stream, lines, until }
}

/** Resolves when the position of the only file is on the disk; a pipeline may end before. */
async function saved(dataDir: string, offset: number): Promise<void> {
  const file = join(dataDir, 'positions.json')
  while (!existsSync(file) || !readFileSync(file, 'utf8').includes(`"offset":${offset},`)) await setTimeout(2)
}

function batch(...lines: readonly string[]): Batch {
  return new Batch(lines.map((line, i) => new Entry(1_767_323_045, i, line, labelSet({ job: 'x' }))))
}

const quick = { batch_wait: '10ms', min_backoff_period: '5ms', max_backoff_period: '10ms' }

void t.test(
  'a file goes into Loki, line by line, and the pipeline ends when all has arrived',
  async (tap) => {
    const loki = await startFakeLoki()
    tap.teardown(() => loki.close())
    const path = join(await tempDir(tap), 'app.log')
    const lines = Array.from({ length: 500 }, (_, i) => `line ${i}`)
    writeFileSync(path, `${lines.join('\n')}\nunfinished`)
    await pipeline(
      fileTail({ path, labels: { job: 'test' }, follow: false }),
      lokiWriter({
        url: loki.pushUrl,
        ...quick,
        tenant_id: 'me',
        external_labels: { site: 'a', job: 'never' },
      }),
    )
    tap.same(
      loki.entries().map(({ line }) => line),
      [...lines, 'unfinished'],
    )
    tap.same(
      [...new Set(loki.entries().map(({ labels }) => labels))],
      [`{filename="${path}", job="test", site="a"}`],
    )
    tap.equal(loki.pushes[0]?.tenant, 'me')
  },
)

void t.test('with a folder for data, reading goes on where it had been delivered', async (tap) => {
  const folder = await tempDir(tap)
  const [path, dataDir] = [join(folder, 'app.log'), join(folder, 'data')]
  writeFileSync(path, 'a\nb\n')
  const read = async (options: { dataDir?: string }): Promise<string[]> => {
    const { stream, lines } = collector()
    await pipeline(fileTail({ path, follow: false, ...options }), stream)
    return lines
  }
  tap.same(await read({ dataDir }), ['app.log a', 'app.log b'])
  await saved(dataDir, 4)
  appendFileSync(path, 'c\n')
  tap.same(await read({ dataDir }), ['app.log c'])
  await saved(dataDir, 6)
  tap.same(await read({ dataDir }), [])
  tap.same(await read({}), ['app.log a', 'app.log b', 'app.log c'], 'without one it starts anew')
  while (existsSync(join(dataDir, 'positions.lock'))) await setTimeout(2)
})

void t.test('a file is followed until stop, and what was read by then is handed on', async (tap) => {
  const path = join(await tempDir(tap), 'app.log')
  writeFileSync(path, 'old\n')
  const source = fileTail({ path, pollMs: 5 })
  const { stream, lines, until } = collector()
  const done = pipeline(source, stream)
  await until(1)
  appendFileSync(path, 'new\nhalf')
  await until(2)
  source.stop()
  await done
  tap.same(lines.slice(0, 2), ['app.log old', 'app.log new'])
})

void t.test('a file that is not there fails the pipeline', async (tap) => {
  const path = join(await tempDir(tap), 'missing.log')
  await tap.rejects(pipeline(fileTail({ path, follow: false }), collector().stream), {
    code: 'IO',
    message: /missing\.log/,
  })
})

void t.test('what Loki does not take: an error without a disk, the spool with one', async (tap) => {
  const loki = await startFakeLoki({ respond: () => 500 })
  tap.teardown(() => loki.close())
  const dataDir = await tempDir(tap)
  const options = {
    url: loki.pushUrl,
    ...quick,
    max_backoff_retries: 1,
    queue_config: { drain_timeout: '50ms' },
  }
  const source = (...lines: readonly string[]): Readable => Readable.from([batch(...lines)])
  const said: string[] = []
  let answered = (): void => {}
  const answer = new Promise<void>((resolve) => (answered = resolve))
  const say = (_fields: object, message: string): void => {
    said.push(message)
    answered()
  }
  const logger = { debug: say, info: say, warn: say, error: say }
  const untilAnswered = Readable.from(
    (async function* () {
      yield batch('a')
      await answer
    })(),
  )
  await tap.rejects(pipeline(untilAnswered, lokiWriter({ ...options, logger })), {
    code: 'DELIVERY',
    message: /^1 entry could neither be sent nor saved; http.*status 500/,
    cause: { message: /status 500/ },
  })
  tap.ok(said.includes('a push failed'), 'and the logger was told')

  await pipeline(source('kept', 'also kept'), lokiWriter({ ...options, dataDir, id: 'mine' }))
  tap.equal(loki.count, 0)
  tap.ok(readdirSync(dataDir, { recursive: true }).some((name) => String(name).endsWith('.spool')))

  loki.respond(() => 204)
  const again = lokiWriter({ ...options, dataDir, id: 'mine' })
  await loki.waitFor(2)
  again.end()
  await finished(again)
  tap.same(
    loki.entries().map(({ line }) => line),
    ['kept', 'also kept'],
    'the next one sends it, in order',
  )
})

void t.test('mistakes in options are told at once, with their name', (tap) => {
  const url = 'http://127.0.0.1:1/'
  tap.throws(() => lokiWriter({ url, batch_size: 'many' }), { code: 'BAD_ARGUMENT', message: /batch_size/ })
  tap.throws(() => lokiWriter({ url: 'nowhere' }), { code: 'BAD_CONFIG', option: 'url' })
  tap.throws(() => lokiWriter({ url, nmae: 'x' } as { url: string }), { message: /nmae/ })
  // @ts-expect-error -- a mistake that JavaScript callers can make
  tap.throws(() => sourceStream(lokiSourceFile, { targets: 'x' }), { message: /targets/ })
  tap.end()
})

void t.test('a source is not a sink, and a sink not a source', (tap) => {
  tap.throws(() => sinkStream(lokiSourceFile, { targets: [], forward_to: [] }), {
    code: 'BAD_ARGUMENT',
    message: 'loki.source.file is not a sink: it has no input',
  })
  tap.throws(() => startSource({}, 'loki.write'), {
    code: 'BAD_ARGUMENT',
    message: 'loki.write is not a source: it has no output',
  })
  tap.end()
})

void t.test(
  'a component is stopped and closed with its stream, and its failing start destroys it',
  async (tap) => {
    const events: string[] = []
    const output = new Readable({ objectMode: true, read: () => {} })
    const source = startSource(
      {
        output,
        start: () => Promise.reject(new Error('no start')),
        stop: () => void events.push('stop'),
        close: () => {
          events.push('close')
          return Promise.resolve()
        },
      },
      'test',
    )
    await tap.rejects(finished(source), { message: 'no start' })
    await new Promise((resolve) => setImmediate(resolve))
    tap.same(events, ['stop', 'close'])
  },
)

void t.test('the context of a component: metrics with its id, stages from blocks', async (tap) => {
  const ctx = componentContext('loki.test', { id: 'mine', dataDir: '/data' })
  tap.match(ctx, { id: 'mine', dataDir: '/data', modulePath: '', stability: 'experimental' })
  const counter = ctx.metrics.counter('library_test_total', 'Test.')
  counter.value = 3
  tap.match(await ctx.metrics.exposition(), /library_test_total\{component_path="\/",component_id="mine"\} 3/)
  const stage = ctx.stages([{ name: 'static_labels', options: { values: new Map([['a', 'b']]) } }])
  const [entry] = await stage.run([new Entry(0, 0, 'x', labelSet({}))])
  tap.same(entry?.labels.toObject(), { a: 'b' })
  tap.equal(componentContext('loki.test', {}).id, 'loki.test')
})
