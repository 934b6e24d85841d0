/** Records of a spool's file: their bytes, and what a scan makes of damage. */
import { appendFile, open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import {
  encodeRecord,
  FILE_HEADER,
  readRecord,
  scanSegment,
  type RecordPlace,
  type SpoolRecord,
} from '../../../lib/delivery/spool-record.ts'
import { tempDir } from '../../support/write-harness.ts'

const record = (text: string): SpoolRecord => ({
  tenant: `t-${text}`,
  entries: 3,
  bytes: 17,
  bornAt: 1_767_323_045_123.5,
  body: Buffer.from(text),
})

async function readAt(path: string, place: RecordPlace): Promise<SpoolRecord | undefined> {
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
  tap.equal(bytes.toString('utf8', 34), 't-xyzxyz', 'tenant and body')
  tap.end()
})

void t.test('whatever was written is read again, record by record', async (tap) => {
  const path = join(await tempDir(tap), 'a.spool')
  const written = fc.record({
    tenant: fc.string({ unit: 'grapheme', maxLength: 20 }),
    entries: fc.nat(2 ** 32 - 1),
    bytes: fc.nat(2 ** 32 - 1),
    bornAt: fc.double({ noNaN: true }),
    body: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(written, { maxLength: 4 }), async (records) => {
      await writeFile(path, Buffer.concat([FILE_HEADER, ...records.map(encodeRecord)]))
      const scan = await scanSegment(path)
      if (scan.kind !== 'read' || scan.damage !== undefined || scan.places.length !== records.length)
        return false
      for (const [i, place] of scan.places.entries()) {
        const again = await readAt(path, place)
        if (again === undefined || place.entries !== records[i]!.entries) return false
        if (!again.body.equals(records[i]!.body) || again.tenant !== records[i]!.tenant) return false
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
  const whole = Buffer.concat([FILE_HEADER, encodeRecord(record('abc'))])
  const place = { at: FILE_HEADER.length, size: whole.length - FILE_HEADER.length, entries: 3 }
  await writeFile(path, whole)
  tap.same(await readAt(path, place), record('abc'))
  for (let at = FILE_HEADER.length; at < whole.length; at++) {
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
    const scan = await scanSegment(path)
    return scan.kind === 'newer' ? scan.kind : [scan.places.length, scan.damage]
  }
  tap.same(await scanOf(), [0, undefined], 'nothing was written yet')
  tap.same(await scanOf('logstream sp'), [0, undefined], 'the process died while it began the file')
  tap.same(await scanOf(FILE_HEADER), [0, undefined])
  for (const cut of [1, 40, second.length - 1])
    tap.same(await scanOf(FILE_HEADER, first, second.subarray(0, cut)), [1, undefined], `cut off at ${cut}`)
  const garbage = Buffer.alloc(64, 'x')
  const at = FILE_HEADER.length + first.length
  tap.same(await scanOf(FILE_HEADER, first, garbage), [1, `no record where one should begin, at byte ${at}`])
  tap.same(await scanOf('something else altogether'), [0, 'it does not begin as a spool file does'])
  tap.equal(await scanOf('logstream spool 2\nwhatever'), 'newer')
  await writeFile(path, FILE_HEADER)
  await appendFile(path, first)
  tap.match(await scanSegment(path), { size: (await readFile(path)).length })
})
