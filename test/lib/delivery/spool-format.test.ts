/** Records of a spool's file: their bytes, and what a scan makes of damage. */
import { appendFile, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  EMPTY_FILE_BYTES,
  encodeFileStart,
  encodeRecord,
  markTaken,
  readRecord,
  scanFile,
  writeMark,
  type RecordPlace,
  type SpoolRecord,
} from '../../../lib/delivery/spool-format.ts'
import { tempDir } from '../../support/write-harness.ts'

const record = (text: string): SpoolRecord => ({
  route: `t-${text}`,
  entries: 3,
  bytes: 17,
  bornAt: 1_767_323_045_123.5,
  body: Buffer.from(text),
})

const START = encodeFileStart()
const VERSION_1 = Buffer.from('logstream spool 1\n')

async function readAt(
  path: string,
  place: Pick<RecordPlace, 'at' | 'size'>,
): Promise<SpoolRecord | undefined> {
  const file = await open(path, 'r')
  try {
    return await readRecord(file, place)
  } finally {
    await file.close()
  }
}

void t.test('the layout of a record', (tap) => {
  const bytes = encodeRecord(record('xyz'))
  tap.equal(bytes.toString('latin1', 0, 4), 'LSR1')
  tap.equal(bytes.readUInt32BE(4), 2 + 5 + 3, 'length of the payload')
  tap.equal(bytes.length, 32 + 10)
  tap.equal(bytes.toString('utf8', 34), 't-xyzxyz', 'route and body')
  tap.end()
})

void t.test('whatever was written is read again, record by record', async (tap) => {
  const path = join(await tempDir(tap), 'a.spool')
  const written = fc.record({
    route: fc.string({ unit: 'grapheme', maxLength: 20 }),
    entries: fc.nat(2 ** 32 - 1),
    bytes: fc.nat(2 ** 32 - 1),
    bornAt: fc.double({ noNaN: true }),
    body: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(written, { maxLength: 4 }), async (records) => {
      await writeFile(path, Buffer.concat([START, ...records.map(encodeRecord)]))
      const scan = await scanFile(path)
      if (scan.kind !== 'read' || scan.damage !== undefined || scan.places.length !== records.length)
        return false
      for (const [i, place] of scan.places.entries()) {
        const again = await readAt(path, place)
        if (again === undefined || place.entries !== records[i]!.entries) return false
        if (
          !again.body.equals(records[i]!.body) ||
          again.route !== records[i]!.route ||
          place.route !== again.route
        )
          return false
        if (again.bytes !== records[i]!.bytes || !Object.is(again.bornAt, records[i]!.bornAt)) return false
      }
      return true
    }),
    { numRuns: 30 },
  )
  tap.pass()
})

void t.test('no changed byte gets through', async (tap) => {
  const path = join(await tempDir(tap), 'a.spool')
  const whole = Buffer.concat([START, encodeRecord(record('abc'))])
  const place = { at: START.length, size: whole.length - START.length }
  await writeFile(path, whole)
  tap.same(await readAt(path, place), record('abc'))
  for (let at = START.length; at < whole.length; at++) {
    const changed = Buffer.from(whole)
    changed[at]! ^= 1
    await writeFile(path, changed)
    tap.equal(await readAt(path, place), undefined, `byte ${at}`)
  }
})

void t.test('a file that is cut off, damaged, foreign or newer', async (tap) => {
  const path = join(await tempDir(tap), 'a.spool')
  const [first, second] = [encodeRecord(record('first')), encodeRecord(record('second'))]
  const scanOf = async (...parts: readonly (Buffer | string)[]): Promise<unknown> => {
    await writeFile(path, Buffer.concat(parts.map((part) => Buffer.from(part))))
    const scan = await scanFile(path)
    return scan.kind === 'newer' ? scan.kind : [scan.places.length, scan.damage?.what]
  }
  tap.same(await scanOf(), [0, undefined], 'nothing was written yet')
  tap.same(await scanOf('logstream sp'), [0, undefined], 'the process died while it began the file')
  tap.same(await scanOf(START), [0, undefined])
  for (const cut of [1, 40, second.length - 1])
    tap.same(await scanOf(START, first, second.subarray(0, cut)), [1, undefined], `cut off at ${cut}`)
  const garbage = Buffer.alloc(64, 'x')
  const at = START.length + first.length
  tap.same(await scanOf(START, first, garbage), [1, `byte ${at} is not the start of a record`])
  tap.same(await scanOf('something else altogether'), [0, 'its first line is not that of a spool file'])
  tap.equal(await scanOf('logstream spool 3\nwhatever'), 'newer')
  tap.same(await scanOf(VERSION_1, first, second), [2, undefined], 'what 0.1.0 wrote')
  await writeFile(path, START)
  await appendFile(path, first)
  tap.match(await scanFile(path), { size: (await readFile(path)).length })
})

void t.test(
  'a mark says how much there should be; a record that was sent is no longer there',
  async (tap) => {
    const path = join(await tempDir(tap), 'a.spool')
    const bytes = encodeRecord(record('abc'))
    await writeFile(path, Buffer.concat([START, bytes, bytes, bytes.subarray(0, 30)]))
    const file = await open(path, 'r+')
    tap.teardown(() => file.close())
    tap.match(
      await scanFile(path),
      { damage: undefined, unfinished: 30 },
      'nothing was acknowledged of the rest',
    )
    await writeMark(file, { bytes: EMPTY_FILE_BYTES + 4 * bytes.length, entries: 12 })
    tap.match(await scanFile(path), {
      places: { length: 2 },
      damage: { what: /ends at byte 148, but was written up to byte 202/, bytes: 2 * 42, entries: 6 },
    })
    await markTaken(file, EMPTY_FILE_BYTES)
    const scan = await scanFile(path)
    tap.same(scan.kind === 'read' && scan.places.map(({ taken }) => taken), [true, false])
    tap.same(
      await readAt(path, { at: EMPTY_FILE_BYTES, size: bytes.length }),
      record('abc'),
      'it can still be read',
    )
  },
)
