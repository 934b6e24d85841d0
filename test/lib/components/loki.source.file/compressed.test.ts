import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { asText, numbered, startSource, temporaryFolder, until } from './harness.ts'

const TEXT = `${asText(numbered(0, 30_000))}last`
// printf 'one\ntwo\n' | bzip2
const BZIP2 = 'QlpoOTFBWSZTWacUK3cAAALBgAAQAgGEgCAAIYAMAjj1G4u5IpwoSFOKFbuA'

void t.test('gz and z to the end, the last line without LF included, and once', async (t) => {
  for (const [format, bytes] of [
    ['gz', gzipSync(TEXT)],
    ['gz', Buffer.concat([gzipSync(TEXT.slice(0, 1000)), gzipSync(TEXT.slice(1000))])],
    ['z', deflateSync(TEXT)],
  ] as const) {
    const folder = await temporaryFolder(t)
    const path = join(folder, 'app.log.x')
    writeFileSync(path, bytes)
    const options = { targets: [{ __path__: path }], decompression: { enabled: true, format } }
    const first = await startSource(options, join(folder, 'data'))
    await until('all lines', () => first.got.lines.length === 30_001)
    t.strictSame(first.got.lines, [...numbered(0, 30_000), 'last'])
    await first.stop()
    const second = await startSource(options, join(folder, 'data'))
    await until(
      'the end',
      () => (second.component.status!() as { files: { read: number }[] }).files[0]?.read === TEXT.length,
    )
    await second.stop()
    t.strictSame(second.got.lines, [], 'not again after a restart')
  }
})

void t.test('goes on where it was acknowledged', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log.gz')
  writeFileSync(path, gzipSync(TEXT))
  const options = { targets: [{ __path__: path }], decompression: { enabled: true, format: 'gz' } }
  const first = await startSource(options, join(folder, 'data'), false)
  await until('all lines', () => first.got.lines.length === 30_001)
  first.got.settle(20_000)
  await first.stop()
  const second = await startSource(options, join(folder, 'data'))
  await until('the rest', () => second.got.lines.includes('last'))
  await second.stop()
  const again = second.got.lines.length
  t.ok(again >= 10_001 && again < 30_001, `${again} lines again`)
  t.strictSame(second.got.lines, [...numbered(0, 30_000), 'last'].slice(-again))
})

void t.test('parts of a cut line are numbered on after a restart within it', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log.gz')
  writeFileSync(path, gzipSync(`${'x'.repeat(180 * 1024)}\nshort\n`))
  const decompression = { enabled: true, format: 'gz' }
  const options = { targets: [{ __path__: path }], decompression, max_line_size: '40KiB' }
  const parts = async (settled: number): Promise<(string | undefined)[]> => {
    const running = await startSource(options, join(folder, 'data'), false)
    const { got } = running
    await until('the last line', () => got.lines.includes('short'))
    got.settle(settled)
    await running.stop()
    return got.entries.map(({ structuredMetadata }) => structuredMetadata[0]?.[1])
  }
  t.strictSame(await parts(2), ['1', '2', '3', '4', '5', undefined])
  t.strictSame(await parts(1), ['3', '4', '5', undefined])
})

void t.test('bz2, byte order marks, encodings', async (t) => {
  const folder = await temporaryFolder(t)
  const [bz2, gz] = [join(folder, 'a.bz2'), join(folder, 'b.gz')]
  writeFileSync(bz2, bzip2())
  writeFileSync(gz, gzipSync(Buffer.from('\ufeffeins\nzwei\n', 'utf16le')))
  for (const [path, format, lines] of [
    [bz2, 'bz2', ['one', 'two']],
    [gz, 'gz', ['eins', 'zwei']],
  ] as const) {
    const running = await startSource({
      targets: [{ __path__: path }],
      decompression: { enabled: true, format },
    })
    await until('the lines', () => running.got.lines.length === 2)
    t.strictSame(running.got.lines, lines)
    await running.stop()
  }
})

function bzip2(): Buffer {
  return Buffer.from(BZIP2, 'base64')
}

void t.test('a file that is cut short or no such file is told, what could be read is not lost', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log.gz')
  writeFileSync(path, gzipSync(TEXT).subarray(0, 20_000))
  const cut = await startSource({
    targets: [{ __path__: path }],
    decompression: { enabled: true, format: 'gz' },
  })
  await until('the complaint', () =>
    cut.world.logs.some((line) => line.includes('cannot be decompressed as gz')),
  )
  t.strictSame(cut.got.lines, numbered(0, cut.got.lines.length))
  t.ok(cut.got.lines.length > 0)
  await cut.stop()
  appendFileSync(join(folder, 'plain'), 'plain text\n')
  const targets = [{ __path__: join(folder, 'plain') }, { __path__: join(folder, 'none') }]
  const wrong = await startSource({ targets, decompression: { enabled: true, format: 'bz2' } })
  for (const text of ['cannot be decompressed as bz2', 'does not exist'])
    await until(text, () => wrong.world.logs.some((line) => line.includes(text)))
  await wrong.stop()
})

void t.test('without a format it cannot be built', async (t) => {
  await t.rejects(startSource({ targets: [], decompression: { enabled: true } }), /format/)
})
