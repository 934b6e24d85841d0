import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { asText, numbered, startSource, temporaryFolder, until, type Running } from './harness.ts'

async function follow(
  t: Parameters<typeof temporaryFolder>[0],
  path: string,
  options: Record<string, unknown> = {},
  dataDir?: string,
): Promise<Running> {
  const running = await startSource({ targets: [{ __path__: path, job: 'test' }], ...options }, dataDir)
  t.teardown(() => running.stop())
  return running
}

function sizeOf(running: Running): number | undefined {
  return (running.component.status!() as { files: { size: number }[] }).files[0]?.size
}

function received({ got }: Running, count: number): Promise<void> {
  return until(`${count} lines`, () => got.lines.length >= count)
}

void t.test('reads from the start, follows appends, labels and stamps each line', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, 'one\r\n\ntw')
  const running = await follow(t, path)
  await received(running, 2)
  appendFileSync(path, 'o\nthree\n')
  await received(running, 4)
  t.strictSame(running.got.lines, ['one', '', 'two', 'three'])
  t.equal(running.got.entries[0]!.labels.text, `{filename="${path}", job="test"}`)
  const stamps = running.got.entries.map(
    ({ seconds, nanos }) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos),
  )
  t.ok(
    stamps.every((stamp, i) => i === 0 || stamp > stamps[i - 1]!),
    'strictly increasing',
  )
})

void t.test('tail_from_end skips what is there but not an unfinished line', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, 'old\nolder\nbegun')
  const running = await follow(t, path, { tail_from_end: true })
  await until(
    'the file to be open',
    () => (running.component.status!() as { files: { read: number }[] }).files[0]?.read === 10,
  )
  appendFileSync(path, ' and done\n')
  await received(running, 1)
  t.strictSame(running.got.lines, ['begun and done'])
})

void t.test('a file that appears later is read from its start', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  const running = await follow(t, path, { tail_from_end: true })
  await until('the complaint', () => running.world.logs.some((line) => line.includes('does not exist')))
  writeFileSync(path, 'first\n')
  await received(running, 1)
  t.strictSame(running.got.lines, ['first'])
})

void t.test('rename rotation: the old file to its last byte, then the new one', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const running = await follow(t, path)
  await received(running, 10)
  renameSync(path, `${path}.1`)
  // The writer has not noticed yet.
  appendFileSync(`${path}.1`, asText(numbered(10, 20)))
  writeFileSync(path, asText(numbered(20, 30)))
  await received(running, 30)
  appendFileSync(`${path}.1`, asText(['late']))
  await received(running, 31)
  appendFileSync(path, asText(['new']))
  await received(running, 32)
  t.strictSame(running.got.lines, [...numbered(0, 30), 'late', 'new'])
})

void t.test('rotated three times between two looks: nothing is missed', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const running = await follow(t, path)
  await received(running, 10)
  for (let round = 1; round <= 3; round++) {
    for (let n = round - 1; n >= 1; n--) renameSync(`${path}.${n}`, `${path}.${n + 1}`)
    renameSync(path, `${path}.1`)
    writeFileSync(path, asText(numbered(round * 10, round * 10 + 10)))
  }
  await received(running, 40)
  t.strictSame(running.got.lines, numbered(0, 40))
})

void t.test('an unfinished last line is sent once its file was rotated away', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, 'whole\nhalf')
  const running = await follow(t, path)
  await received(running, 1)
  renameSync(path, `${path}.1`)
  await received(running, 2)
  writeFileSync(path, 'next\n')
  await received(running, 3)
  t.strictSame(running.got.lines, ['whole', 'half', 'next'])
})

void t.test('a deleted file is read to its end, its successor from the start', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, asText(numbered(0, 5)))
  const running = await follow(t, path)
  await received(running, 5)
  rmSync(path)
  writeFileSync(path, asText(numbered(0, 5)))
  await received(running, 10)
  t.strictSame(running.got.lines, [...numbered(0, 5), ...numbered(0, 5)])
})

void t.test('copytruncate: what only the copy holds is read from the copy', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const running = await follow(t, path)
  await received(running, 10)
  for (const round of [1, 2]) {
    appendFileSync(path, asText(numbered(round * 10, round * 10 + 10)))
    if (round === 2) renameSync(`${path}.1`, `${path}.2`)
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    if (round === 1) await until('the truncation to be seen', () => running.got.lines.length === 20)
  }
  appendFileSync(path, asText(numbered(30, 40)))
  await received(running, 40)
  t.strictSame(running.got.lines, numbered(0, 40))
  t.notOk(running.world.logs.some((line) => line.includes('were not read')))
})

void t.test('copied and emptied before it was read, and silent since', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, asText(numbered(0, 30)))
  const running = await follow(t, path)
  await received(running, 30)
  for (const round of [1, 2, 3]) {
    if (round > 1) appendFileSync(path, asText(numbered(round * 10 + 10, round * 10 + 20)))
    if (round === 3) renameSync(`${path}.2`, `${path}.3`)
    if (round > 1) renameSync(`${path}.1`, `${path}.2`)
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    if (round !== 2) await until('the truncation to be seen', () => sizeOf(running) === 0)
  }
  await received(running, 50)
  t.strictSame(running.got.lines, numbered(0, 50))
})

void t.test('truncated and refilled past the offset within one look', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, asText(numbered(0, 3)))
  const running = await follow(t, path)
  await received(running, 3)
  writeFileSync(path, asText(numbered(100, 120)))
  await received(running, 23)
  writeFileSync(path, asText(numbered(200, 220)))
  await received(running, 43)
  t.strictSame(running.got.lines, [...numbered(0, 3), ...numbered(100, 120), ...numbered(200, 220)])
})

void t.test('a truncation without a copy tells the gap in bytes', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, 'whole\nlost half')
  const running = await follow(t, path)
  await received(running, 1)
  truncateSync(path)
  appendFileSync(path, 'new\n')
  await received(running, 2)
  t.strictSame(running.got.lines, ['whole', 'new'])
  t.ok(
    running.world.logs.some((line) => line.includes('9 bytes')),
    'in the log',
  )
  const gap = running.world.ctx.metrics
    .snapshot()
    .find(({ name }) => name === 'logstream_file_gap_bytes_total')
  t.equal(gap?.samples[0]?.value, 9)
  t.equal(running.world.ctx.ledger.noted('skipped'), 9, 'and the account says so')
})

void t.test('the hole that a writer without O_APPEND leaves is not a line', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, asText(numbered(0, 30_000)))
  const running = await follow(t, path)
  await received(running, 30_000)
  const hole = Buffer.alloc(30_000 * 12)
  writeFileSync(path, Buffer.concat([hole, Buffer.from('after\n')]))
  await received(running, 30_001)
  t.strictSame(running.got.lines.slice(30_000), ['after'])
})

void t.test('names that a pattern matches after a rotation are not read again', async (t) => {
  const folder = await temporaryFolder(t)
  const path = join(folder, 'app.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const running = await follow(t, `${folder}/app.log*`, {
    file_match: { enabled: true, sync_period: '50ms' },
  })
  await received(running, 10)
  renameSync(path, `${path}.1`)
  writeFileSync(path, asText(numbered(10, 20)))
  await received(running, 20)
  await until(
    'both to be found',
    () => (running.component.status!() as { files: object[] }).files.length === 2,
  )
  renameSync(`${path}.1`, `${path}.2`)
  renameSync(path, `${path}.1`)
  writeFileSync(path, asText(numbered(20, 30)))
  appendFileSync(`${path}.1`, asText(numbered(30, 31)))
  await received(running, 31)
  await until(
    'all three to be found',
    () => (running.component.status!() as { files: object[] }).files.length === 3,
  )
  appendFileSync(path, asText(numbered(31, 32)))
  await received(running, 32)
  t.strictSame(running.got.lines.toSorted(), numbered(0, 32))
})

void t.test('targets come and go in place', async (t) => {
  const folder = await temporaryFolder(t)
  for (const name of ['a', 'b']) writeFileSync(join(folder, name), `${name}\n`)
  const running = await follow(t, `${folder}/{a,b}`, { file_match: { enabled: true, sync_period: '25ms' } })
  await received(running, 2)
  rmSync(join(folder, 'a'))
  writeFileSync(join(folder, 'b'), 'b\nmore\n')
  await received(running, 3)
  t.strictSame(running.got.lines.toSorted(), ['a', 'b', 'more'])
})

void t.test('same path and labels once, other labels again', async (t) => {
  const path = join(await temporaryFolder(t), 'app.log')
  writeFileSync(path, 'x\n')
  const target = (job: string): object => ({ __path__: path, job })
  const running = await follow(t, path, { targets: [target('a'), target('a'), target('b')] })
  await received(running, 2)
  appendFileSync(path, 'y\n')
  await received(running, 4)
  t.strictSame(running.got.lines.toSorted(), ['x', 'x', 'y', 'y'])
})

void t.test('a folder and a file without permission are told with what to do', async (t) => {
  const folder = await temporaryFolder(t)
  mkdirSync(join(folder, 'dir'))
  const running = await follow(t, folder, {
    targets: [{ __path__: join(folder, 'dir') }, { __path__: join(folder, '*.log') }, {}],
  })
  const logged = (text: string): Promise<void> =>
    until(text, () => running.world.logs.some((line) => line.includes(text)))
  await logged('is a folder; name its files')
  await logged('if it is a pattern')
  await logged('has no __path__')
})
