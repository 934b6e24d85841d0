import { inflateRawSync } from 'node:zlib'
import t from 'tap'
import { zip } from '../../../lib/admin/zip.ts'
import { unzip } from '../../support/unzip.ts'

const at = new Date(2026, 10, 22, 13, 14, 16)

void t.test('what goes in comes out', (tap) => {
  const files = [
    { name: 'a.txt', data: 'hello' },
    { name: 'folder/größe.bin', data: Buffer.from([0, 255, 1]) },
    { name: 'empty', data: '' },
    { name: 'long', data: 'x'.repeat(100_000) },
  ]
  const archive = zip(files, at)
  tap.ok(archive.length < 2000)
  tap.same(
    unzip(archive),
    new Map(files.map(({ name, data }) => [name, Buffer.from(data as string).toString('latin1')])),
  )
  tap.equal(unzip(zip([], at)).size, 0)
  tap.end()
})

void t.test('bytes of the format', (tap) => {
  const archive = zip([{ name: 'a', data: '123456789' }], at)
  tap.equal(archive.readUInt32LE(0), 0x04034b50)
  tap.equal(archive.readUInt32LE(14), 0xcbf43926, 'the check value of CRC-32')
  tap.equal(archive.readUInt16LE(10), (13 << 11) | (14 << 5) | 8, 'time')
  tap.equal(archive.readUInt16LE(12), (46 << 9) | (11 << 5) | 22, 'date')
  tap.equal(inflateRawSync(archive.subarray(31, 31 + archive.readUInt32LE(18))).toString(), '123456789')
  tap.end()
})
