import { appendFileSync, mkdirSync, renameSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { lokiSourceFile, openFileTail } from '../../../../lib/components/loki.source.file/file.ts'
import {
  Collector,
  asText,
  numbered,
  startSource,
  temporaryFolder,
  until,
  world,
  type Tidy,
} from './harness.ts'
import { metric } from '../../../support/source.ts'

async function readAll(path: string, options: object = {}): Promise<string[]> {
  const component = openFileTail({ path, follow: false, ctx: world().ctx, ...options })
  const got = new Collector(component)
  await component.start?.()
  await got.ended
  await component.stop?.()
  await component.close?.()
  return got.lines
}

async function fileOf(t: Tidy, content: string | Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, content)
  return path
}

void t.test(
  'without following: to the end, the unfinished last line included, then the output ends',
  async (t) => {
    t.strictSame(await readAll(await fileOf(t, 'one\ntwo\nlast')), ['one', 'two', 'last'])
    t.strictSame(await readAll(await fileOf(t, '')), [])
    t.strictSame(await readAll(await fileOf(t, 'no end')), ['no end'])
    const many = numbered(0, 100_000)
    t.strictSame(await readAll(await fileOf(t, asText(many))), many)
  },
)

void t.test('without following, a file that cannot be read fails the start with what to do', async (t) => {
  const folder = await temporaryFolder(t)
  for (const [name, message] of [
    ['none.log', /does not exist/],
    ['*.log', /if it is a pattern/],
    ['', /is a folder; name its files/],
  ] as const) {
    const component = openFileTail({ path: join(folder, name), follow: false, ctx: world().ctx })
    await t.rejects(Promise.resolve(component.start?.()), { code: 'IO', message })
    await component.close?.()
  }
})

void t.test('bad input is kept: NUL, invalid UTF-8, CRLF, empty lines, byte order marks', async (t) => {
  t.strictSame(await readAll(await fileOf(t, 'a\0b\r\n\r\n\n\0\0\n')), ['a\0b', '', '', '\0\0'])
  t.strictSame(await readAll(await fileOf(t, Buffer.from('caf\xe9\nok\n', 'latin1'))), ['caf�', 'ok'])
  t.strictSame(await readAll(await fileOf(t, '\ufeffone\n\ufefftwo\n')), ['one', '\ufefftwo'])
  const wide = Buffer.from('\ufeffeins\r\nzwei ਀\nunfinished', 'utf16le')
  t.strictSame(await readAll(await fileOf(t, wide)), ['eins', 'zwei ਀', 'unfinished'])
  t.strictSame(await readAll(await fileOf(t, wide.swap16()), { encoding: 'windows-1252' }), [
    'eins',
    'zwei ਀',
    'unfinished',
  ])
  t.strictSame(await readAll(await fileOf(t, '\ufeff')), [])
  t.strictSame(await readAll(await fileOf(t, Buffer.from([0x93, 0xfa, 0x0a])), { encoding: 'Shift_JIS' }), [
    '日',
  ])
  t.throws(() => openFileTail({ path: 'x', encoding: 'klingon', ctx: world().ctx }), { code: 'BAD_ARGUMENT' })
})

void t.test('long lines are one entry each, whatever surrounds them', async (t) => {
  const long = 'x'.repeat(10 * 1024 * 1024)
  const wide = 'é'.repeat(300_000)
  const lines = ['short', long, 'short', wide, long, 'end']
  const read = await readAll(await fileOf(t, lines.join('\n')))
  t.equal(read.length, lines.length)
  t.ok(read.every((line, i) => line === lines[i]))
})

void t.test('a line that is longer than max_line_size comes in numbered parts', async (t) => {
  const size = 1024 * 1024
  const path = await fileOf(t, `first\n${'é'.repeat(2 * size)}${'x'.repeat(size)}`)
  appendFileSync(path, `\nlast\n${'y'.repeat(150_000)}\n`)
  const at = world()
  const component = openFileTail({ path, follow: false, maxLineBytes: size, ctx: at.ctx })
  const got = new Collector(component)
  await component.start?.()
  await got.ended
  const cut = metric(at.ctx, 'logstream_source_cut_lines_total')
  await component.close?.()
  t.equal(cut, 1)
  t.strictSame(
    got.entries.map(({ line, structuredMetadata: [mark] }) => [Buffer.byteLength(line), mark?.[1]]),
    [
      [5, undefined],
      ...['1', '2', '3', '4', '5'].map((part) => [size, part]),
      [4, undefined],
      [150_000, undefined],
    ],
  )
})

void t.test('lines in one chunk are cut at max_line_size too', async (t) => {
  const lines = await readAll(await fileOf(t, 'abcdefgh\nij\n'), { maxLineBytes: 5 })
  t.strictSame(lines, ['abcde', 'fgh', 'ij'])
})

void t.test('a long line that grows slowly is handed on once it has ended', async (t) => {
  const path = await fileOf(t, 'x')
  const running = await startSource({ targets: [{ __path__: path }] })
  t.teardown(() => running.stop())
  for (let i = 0; i < 20; i++) {
    appendFileSync(path, 'x'.repeat(50_000))
    await until(
      'the size',
      () =>
        (running.component.status!() as { files: { size: number }[] }).files[0]?.size === i * 50_000 + 50_001,
    )
  }
  t.equal(running.got.lines.length, 0)
  appendFileSync(path, '\nnext\n')
  await until('both lines', () => running.got.lines.length === 2)
  t.strictSame(
    running.got.lines.map((line) => line.length),
    [1_000_001, 4],
  )
})

void t.test('labels: those of the target without __, and filename', async (t) => {
  const path = await fileOf(t, 'x\n')
  const target = { __path__: path, __meta_x: 'no', job: 'j', filename: 'overridden' }
  const running = await startSource({ targets: [target] })
  t.teardown(() => running.stop())
  await until('the line', () => running.got.lines.length === 1)
  t.strictSame(running.got.entries[0]!.labels.toObject(), { job: 'j', filename: path })
})

void t.test('metrics by their Alloy names, taken back at the end', async (t) => {
  const path = await fileOf(t, Buffer.from('one\ntw\xff\n', 'latin1'))
  const running = await startSource({ targets: [{ __path__: path }] })
  await until('the lines', () => running.got.lines.length === 2)
  const values = Object.fromEntries(
    running.world.ctx.metrics
      .snapshot()
      .map(({ name, type, samples }) => [name, [type, samples[0]?.value, samples[0]?.labels['path']]]),
  )
  t.strictSame(values, {
    logstream_source_cut_lines_total: ['counter', 0, undefined],
    loki_source_file_read_bytes_total: ['gauge', 8, path],
    loki_source_file_file_bytes_total: ['gauge', 8, path],
    loki_source_file_read_lines_total: ['counter', 2, path],
    loki_source_file_files_active_total: ['gauge', 1, undefined],
    logstream_file_invalid_utf8_lines_total: ['counter', 1, path],
    logstream_file_gap_bytes_total: ['counter', 0, undefined],
  })
  await running.stop()
  t.strictSame(running.world.ctx.metrics.snapshot(), [])
})

void t.test('does not read ahead of who takes or settles the lines', async (t) => {
  const path = await fileOf(t, asText(Array.from({ length: 400_000 }, () => 'x'.repeat(99))))
  const { ctx } = world()
  const component = openFileTail({ path, ctx })
  t.teardown(() => component.close?.())
  await component.start?.()
  const read = (): number => (component.status!() as { files: { read: number }[] }).files[0]!.read
  // Nothing is taken yet: about one chunk is read.
  await until('the first chunk', () => read() > 0)
  const before = read()
  await new Promise((resolve) => setImmediate(resolve))
  t.ok(before < 1024 * 1024)
  // Taken but not settled: 16 MiB and a bit.
  const got = new Collector(component, false)
  await until('the limit', () => read() > 16 * 1024 * 1024)
  await component.stop?.()
  await got.ended
  t.ok(read() < 18 * 1024 * 1024, `${read()} bytes`)
  t.equal(ctx.ledger.inFlight, got.entries.length)
})

void t.test('an update keeps readers that stay, ends those that go', async (t) => {
  const folder = await temporaryFolder(t)
  const [a, b] = [join(folder, 'a'), join(folder, 'b')]
  writeFileSync(a, 'a1\n')
  writeFileSync(b, 'b1\n')
  const running = await startSource({ targets: [{ __path__: a }] })
  t.teardown(() => running.stop())
  await until('a', () => running.got.lines.length === 1)
  const changed = decodeInput('loki.source.file', lokiSourceFile.fields, {
    targets: [{ __path__: a }, { __path__: b }],
    forward_to: [],
  })
  t.equal(running.component.update?.(changed), true)
  appendFileSync(a, 'a2\n')
  await until('all', () => running.got.lines.length === 3)
  t.strictSame(running.got.lines.toSorted(), ['a1', 'a2', 'b1'])
  running.component.update?.(
    decodeInput('loki.source.file', lokiSourceFile.fields, { targets: [{ __path__: b }], forward_to: [] }),
  )
  const files = (): unknown[] => (running.component.status!() as { files: unknown[] }).files
  await until('a to be ended', () => files().length === 1)
})

void t.test('20 files that grow and rotate: each line once, those of a file in order', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(join(folder, 'logs'))
  const paths = Array.from({ length: 20 }, (_, i) => join(folder, 'logs', `f${i}.log`))
  for (const path of paths) writeFileSync(path, '')
  const running = await startSource(
    { targets: paths.map((path) => ({ __path__: path })) },
    join(folder, 'data'),
  )
  t.teardown(() => running.stop())
  const expected = new Map<string, string[]>()
  for (let round = 0; round < 40; round++) {
    for (const [i, path] of paths.entries()) {
      const lines = numbered(round * 50, round * 50 + 50, path)
      expected.set(path, [...(expected.get(path) ?? []), ...lines])
      const text = asText(lines)
      // Half a line before the other half, on both sides of other files' writes.
      appendFileSync(path, text.slice(0, 777))
      appendFileSync(path, text.slice(777))
      if ((round + i) % 7 !== 6) continue
      for (let n = 6; n >= 1; n--) if (n * 7 <= round) renameSync(`${path}.${n}`, `${path}.${n + 1}`)
      renameSync(path, `${path}.1`)
      writeFileSync(path, '')
    }
    await new Promise((resolve) => setImmediate(resolve))
  }
  await until('all lines', () => running.got.lines.length >= 20 * 40 * 50)
  for (const path of paths) {
    const got = running.got.entries.filter(({ labels }) => labels.get('filename') === path)
    t.strictSame(
      got.map(({ line }) => line),
      expected.get(path),
    )
  }
})

void t.test('a file that cannot be read makes the source unhealthy, a rotation does not', async (t) => {
  const folder = await temporaryFolder(t)
  const [good, missing, odd] = ['good.log', 'missing.log', 'folder'].map((name) => join(folder, name))
  writeFileSync(good!, 'one\n')
  mkdirSync(odd!)
  const target = (path: string) => new Map([['__path__', path]])
  const source = await startSource({
    targets: [good, missing, odd].map((path) => target(path!)),
  })
  t.teardown(() => source.stop())
  const health = () => source.component.health?.()
  await until('both to be told', () =>
    /missing\.log does not exist.*; .*is a folder/.test(health()?.message ?? ''),
  )
  t.match(health(), { state: 'unhealthy' })

  writeFileSync(missing!, 'two\n')
  await until('the missing one', () => !/missing/.test(health()!.message))
  t.match(health(), { state: 'unhealthy' })
  rmdirSync(odd!)
  writeFileSync(odd!, 'three\n')
  await until('all to be read', () => health()!.state === 'healthy')

  renameSync(good!, `${good}.1`)
  await until('the rotation to be seen', () => /good\.log does not exist/.test(health()!.message))
  t.match(health(), { state: 'healthy' }, 'the new file is on its way')
})
