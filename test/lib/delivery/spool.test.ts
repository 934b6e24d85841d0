/** The spool on disk: order, bounds, and that no kill and no damage makes it unreadable. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { EMPTY_FILE_BYTES, encodeRecord, type SpoolRecord } from '../../../lib/delivery/spool-format.ts'
import { SpoolFile } from '../../../lib/delivery/spool-file.ts'
import { Spool } from '../../../lib/delivery/spool.ts'
import { createLogger, SILENT, type Logger } from '../../../lib/telemetry/log.ts'
import { tempDir } from '../../support/write-harness.ts'

const record = (text: string, entries = 1, bornAt = 1_767_323_045_123): SpoolRecord => ({
  route: '',
  entries,
  bytes: text.length,
  bornAt,
  body: Buffer.from(text.padEnd(10)),
})

async function open(
  folder: string,
  more: { maxBytes?: number; segmentBytes?: number; log?: Logger } = {},
): Promise<Spool> {
  const spool = await Spool.open({ folder, maxBytes: 1e9, log: SILENT, ...more })
  t.teardown(() => spool.close())
  return spool
}

/** Takes everything out. */
async function drain(spool: Spool): Promise<string[]> {
  const texts: string[] = []
  for (let held = await spool.oldest(); held !== undefined; held = await spool.oldest()) {
    texts.push(held.record.body.toString().trim())
    await spool.take(held.place)
  }
  return texts
}

const files = async (folder: string): Promise<string[]> => (await readdir(folder)).sort()

void t.test('first in, first out, over files and processes', async (t) => {
  const folder = await tempDir(t)
  const first = await open(folder, { segmentBytes: 300 })
  t.equal(await first.append(['a', 'b', 'c', 'd', 'e'].map((text) => record(text, 2))), 5)
  t.equal(first.entries, 10)
  const oldest = await first.oldest()
  t.same(oldest?.record, record('a', 2))
  t.same((await first.oldest((place) => place !== oldest?.place))?.record, record('b', 2))
  await first.take(oldest!.place)
  await first.close()
  const second = await open(folder)
  t.equal(second.entries, 8, 'what was taken is not there again')
  t.equal(second.found, 8)
  await second.append([record('f')])
  t.same(await drain(second), ['b', 'c', 'd', 'e', 'f'])
  t.ok(second.empty)
  t.equal(second.bytes, 0)
  t.same(await files(folder), [])
  await second.append([record('g')])
  await second.close()
  t.same(await drain(await open(folder)), ['g'])
})

void t.test('a bound: what does not fit is not taken, unless it must be', async (t) => {
  const folder = await tempDir(t)
  const size = encodeRecord(record('a')).length
  const spool = await open(folder, { maxBytes: 2 * size })
  t.equal(await spool.append([record('a'), record('b'), record('c')]), 2)
  t.equal(await spool.append([record('d')]), 0)
  t.equal(await spool.append([record('e')], true), 1)
  t.same(await drain(spool), ['a', 'b', 'e'])
  t.equal(await spool.append([record('f')]), 1, 'room again')
})

void t.test('a file cut short: whole records are sent, the others are counted as lost', async (t) => {
  const folder = await tempDir(t)
  const spool = await open(folder)
  await spool.append([record('a', 2), record('b', 2), record('c', 2)])
  await spool.close()
  const [name] = await files(folder)
  const whole = await readFile(join(folder, name!))
  const size = encodeRecord(record('a')).length
  for (let length = whole.length - 1; length >= 0; length -= 7) {
    const cut = await tempDir(t)
    await writeFile(join(cut, name!), whole.subarray(0, length))
    const again = await open(cut)
    const left = Math.max(0, Math.floor((length - EMPTY_FILE_BYTES) / size))
    await again.append([record('new')])
    t.same(await drain(again), [...['a', 'b', 'c'].slice(0, left), 'new'], `cut at ${length}`)
    if (length >= EMPTY_FILE_BYTES)
      t.same([again.damaged, again.torn], [1, 2 * (3 - left)], `cut at ${length}`)
    await again.close()
  }
})

void t.test('a killed process: all that it was told is safe is there', async (t) => {
  const folder = await tempDir(t)
  const module = new URL('../../../lib/delivery/spool.js', import.meta.url).href
  const log = '{ error() {}, info() {} }'
  const script = `const { Spool } = await import(${JSON.stringify(module)})
    const options = { folder: ${JSON.stringify(folder)}, maxBytes: 1e9, segmentBytes: 20000, log: ${log} }
    const spool = await Spool.open(options)
    for (let i = 0; ; i++) {
      const body = Buffer.from(String(i).padEnd(3000))
      await spool.append([{ route: '', entries: 1, bytes: 1, bornAt: i, body }])
      process.stdout.write(i + '\\n')
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script])
  let told = ''
  child.stdout.on('data', (chunk: Buffer) => {
    told += chunk.toString()
    if (told.length > 300) child.kill('SIGKILL')
  })
  await once(child, 'close')
  const last = Number(told.slice(0, told.lastIndexOf('\n')).split('\n').at(-1))
  t.ok(last > 50)
  const spool = await open(folder)
  const found = await drain(spool)
  t.equal(spool.damaged, 0)
  t.ok(found.length > last, `${found.length} records, ${last + 1} were safe`)
  t.same(
    found,
    Array.from(found, (_, i) => String(i)),
  )
})

void t.test('a changed byte costs one record, and the file is set aside', async (t) => {
  const size = encodeRecord(record('a')).length
  const cases: [at: number, left: string[]][] = [
    [EMPTY_FILE_BYTES + size + 40, ['a', 'c', 'new']],
    [EMPTY_FILE_BYTES + size + 9, ['a', 'c', 'new']],
    [EMPTY_FILE_BYTES + size, ['a', 'new']],
    [3, ['new']],
  ]
  for (const [at, left] of cases) {
    const folder = await tempDir(t)
    const spool = await open(folder)
    await spool.append([record('a'), record('b'), record('c')])
    await spool.close()
    const [name] = await files(folder)
    const bytes = await readFile(join(folder, name!))
    bytes[at]! ^= 0xff
    await writeFile(join(folder, name!), bytes)
    const log: string[] = []
    const again = await open(folder, {
      log: createLogger({ level: 'error', format: 'logfmt' }, (line) => log.push(line)),
    })
    await again.append([record('new')])
    t.same(await drain(again), left, `byte ${at}`)
    t.equal(again.damaged, 1)
    t.match(log[0], /damaged/)
    t.ok((await files(folder)).includes(`${name}.damaged`))
    await again.close()
  }
})

void t.test('a file of a newer version is left alone', async (t) => {
  const folder = await tempDir(t)
  await writeFile(join(folder, '0000000001.spool'), 'logstream spool 3\nwhatever')
  const spool = await open(folder)
  await spool.append([record('a')])
  t.same(await drain(spool), ['a'])
  t.ok((await files(folder)).includes('0000000001.spool'))
})

void t.test('zeros at the end, as after a loss of power', async (t) => {
  const folder = await tempDir(t)
  const spool = await open(folder)
  await spool.append([record('a')])
  await spool.close()
  const file = join(folder, (await files(folder))[0]!)
  await appendFile(file, Buffer.alloc(100))
  const again = await open(folder)
  t.same(await drain(again), ['a'])
  t.equal(again.damaged, 1)
})

void t.test('a file that shrinks under us', async (t) => {
  const folder = await tempDir(t)
  const spool = await open(folder)
  await spool.append([record('a'), record('b')])
  await truncate(join(folder, (await files(folder))[0]!), 40)
  t.same(await drain(spool), [])
  t.equal(spool.damaged, 1)
})

void t.test('each route has its own order: by time of birth, then by arrival', async (t) => {
  const folder = await tempDir(t)
  const spool = await open(folder, { segmentBytes: 120 })
  const of = (route: string, text: string, bornAt: number): SpoolRecord => ({
    ...record(text, 1, bornAt),
    route,
  })
  await spool.append([of('x', 'x2', 2), of('y', 'y3', 3), of('x', 'x4', 4)])
  await spool.append([of('x', 'x1', 1), of('x', 'x4 again', 4)])
  t.ok(spool.has('y'))
  const [y] = [await spool.oldest(({ route }) => route === 'y')]
  t.equal(y?.record.body.toString().trim(), 'y3')
  await spool.take(y!.place)
  t.notOk(spool.has('y'))
  await spool.close()
  const again = await open(folder)
  t.equal(again.youngest, 4)
  t.same(await drain(again), ['x1', 'x2', 'x4', 'x4 again'], 'also what was taken out of its turn stays away')
})

void t.test('a record that cannot be read at the moment stays', async (t) => {
  const folder = await tempDir(t)
  const spool = await open(folder)
  await spool.append([record('a'), record('b')])
  const read = Object.getOwnPropertyDescriptor(SpoolFile.prototype, 'read')!
  t.teardown(() => Object.defineProperty(SpoolFile.prototype, 'read', read))
  let failures = 0
  SpoolFile.prototype.read = function (place) {
    if (failures-- <= 0) return (read.value as SpoolFile['read']).call(this, place)
    return Promise.reject(Object.assign(new Error('too many open files'), { code: 'EMFILE' }))
  }
  failures = 2
  await t.rejects(spool.oldest(), { code: 'EMFILE' })
  failures = 1
  t.match(await spool.oldest(), { record: { body: Buffer.from('a'.padEnd(10)) } }, 'asked a second time')
  t.same(await drain(spool), ['a', 'b'])
  t.equal(spool.damaged, 0)
})

void t.test('a failed write leaves no file, and the next one works', async (t) => {
  const folder = await tempDir(t)
  const spool = await open(folder)
  await spool.append([record('a')])
  const append = Object.getOwnPropertyDescriptor(SpoolFile.prototype, 'append')!
  const restore = (): void => void Object.defineProperty(SpoolFile.prototype, 'append', append)
  SpoolFile.prototype.append = () => Promise.reject(new Error('ENOSPC'))
  t.teardown(restore)
  for (let i = 0; i < 5; i++) await t.rejects(spool.append([record('b')]), { message: 'ENOSPC' })
  restore()
  t.equal((await files(folder)).length, 1)
  await spool.append([record('c')])
  t.same(await drain(spool), ['a', 'c'])
})
