/** GELF messages, compared with what go-gelf makes of them; and packed ones. */
import { readFileSync } from 'node:fs'
import { deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { MAX_MESSAGE_BYTES, readMessage } from '../../../../lib/components/loki.source.gelf/message.ts'

interface Case {
  readonly message: string
  readonly line?: string
  readonly level?: number
  readonly timestamp?: number
  readonly fails?: boolean
}

const { cases } = JSON.parse(readFileSync('fixtures/gelf/messages.json', 'utf8')) as { cases: Case[] }

void t.test('as go-gelf', (tap) => {
  for (const { message, line, level, timestamp, fails } of cases) {
    const read = readMessage(Buffer.from(message))
    if (fails === true) tap.type(read, 'string', message)
    else tap.match(read, { line, level, timestamp }, message)
  }
  tap.end()
})

void t.test('packed, or ended by a zero byte', (tap) => {
  const bytes = Buffer.from('{"host":"h"}')
  const line = '{"version":"","host":"h","short_message":"","timestamp":0}'
  for (const packed of [bytes, gzipSync(bytes), deflateSync(bytes), deflateSync(bytes, { level: 9 })])
    tap.match(readMessage(packed), { line })
  tap.match(readMessage(Buffer.concat([bytes, Buffer.from([0])])), { line })
  tap.end()
})

void t.test('why a message is refused', (tap) => {
  const bomb = Buffer.alloc(MAX_MESSAGE_BYTES + 1, 0x20)
  const deep = `{"_x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  for (const [packed, reason] of [
    [gzipSync('{}').subarray(0, 12), 'bad_gzip'],
    [deflateSync('{}').subarray(0, 4), 'bad_zlib'],
    [gzipSync(bomb), 'too_large'],
    [deflateSync(bomb), 'too_large'],
    [bomb, 'too_large'],
    ['', 'bad_json'],
    ['\x1f', 'bad_json'],
    ['hello', 'bad_json'],
    [deep, 'bad_json'],
    ['{"host":1}', 'bad_field'],
  ] as const)
    tap.equal(readMessage(Buffer.from(packed)), reason)
  tap.end()
})
