import { PassThrough, Readable } from 'node:stream'
import fc from 'fast-check'
import t from 'tap'
import type { Component } from '../../../../lib/component/component.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { stdinSource } from '../../../../lib/components/loki.source.stdin/stdin.ts'
import { finish, lines, metric, sourceContext, take, type SourceContext } from '../../../support/source.ts'

function start(
  input: Readable,
  labels: Record<string, string> = {},
): { source: Component; ctx: SourceContext } {
  const definition = stdinSource(() => input)
  const ctx = sourceContext()
  const options = decodeInput(definition.name, definition.fields, { forward_to: [], labels })
  const source = definition.create(options, ctx)
  void source.start?.()
  return { source, ctx }
}

async function read(...chunks: (string | Buffer)[]): Promise<{ read: string[]; ctx: SourceContext }> {
  const { source, ctx } = start(
    Readable.from(
      chunks.map((chunk) => Buffer.from(chunk)),
      { objectMode: false },
    ),
  )
  return { read: lines(await take(source.output!)), ctx }
}

void t.test('lines, whatever they look like', async (t) => {
  const cases: [name: string, chunks: (string | Buffer)[], expected: string[]][] = [
    ['lines', ['a\nb\n'], ['a', 'b']],
    ['a line over chunks', ['a', 'b', 'c\nd\n'], ['abc', 'd']],
    ['no line feed at the end', ['a\nb'], ['a', 'b']],
    ['CRLF', ['a\r\nb\r', '\nc\r\r\n'], ['a', 'b', 'c\r']],
    ['empty lines', ['\n\na\n\n'], ['', '', 'a', '']],
    ['NUL', ['a\0b\n'], ['a\0b']],
    ['a character over chunks', [Buffer.from('ü\n').subarray(0, 1), Buffer.from('ü\n').subarray(1)], ['ü']],
    ['nothing', [], []],
  ]
  for (const [name, chunks, expected] of cases) t.strictSame((await read(...chunks)).read, expected, name)
})

void t.test('bytes that are not UTF-8 are counted', async (t) => {
  const { read: got, ctx } = await read(Buffer.from([0x61, 0xff, 0x62, 0x0a, 0x63, 0x0a]))
  t.strictSame(got, ['a\ufffdb', 'c'])
  t.equal(metric(ctx, 'logstream_source_stdin_invalid_lines_total'), 1)
})

void t.test('a line of 10 MB is one line, one of more than 16 MiB comes in parts', async (t) => {
  const whole = 'é'.repeat(5_000_000)
  const long = 'é'.repeat(9_000_000)
  const { read: got, ctx } = await read(`${whole}\n${long}\nnext\n`)
  t.ok(got[0] === whole)
  t.equal(got.length, 4)
  t.ok(got[1]! + got[2]! === long, 'nothing is lost')
  t.equal(Buffer.byteLength(got[1]!), 16 * 1024 * 1024)
  t.equal(got[3], 'next')
  t.equal(metric(ctx, 'logstream_source_cut_lines_total'), 1)
})

void t.test('labels, rising times, and the account', async (t) => {
  const { source, ctx } = start(Readable.from([Buffer.from('a\nb\nc')]), { job: 'pipe' })
  const entries = await take(source.output!)
  t.equal(entries[2]!.labels.text, '{job="pipe"}')
  const times = entries.map(({ seconds, nanos }) => BigInt(seconds) * 1_000_000_000n + BigInt(nanos))
  t.ok(times[0]! < times[1]! && times[1]! < times[2]!)
  t.strictSame([ctx.ledger.read, ctx.ledger.total('delivered'), ctx.ledger.inFlight], [3, 3, 0])
  t.equal(source.health?.().state, 'exited')
  await source.close?.()
})

void t.test('an input that stays open is let go on stop, with what was read', async (t) => {
  const input = new PassThrough()
  const { source } = start(input)
  input.write('a\nb')
  t.strictSame(lines(await take(source.output!, 1)), ['a'])
  t.strictSame(lines(await finish(source)), ['b'])
  t.ok(input.destroyed)
  await source.close?.()
})

void t.test('a slow consumer holds the input back', async (t) => {
  let given = 0
  const chunk = Buffer.from(`${'x'.repeat(1023)}\n`.repeat(64))
  const input = new Readable({
    read() {
      given++
      this.push(given > 2000 ? null : chunk)
    },
  })
  const { source } = start(input)
  await new Promise<void>((resolve) => source.output!.once('readable', resolve))
  for (let turns = 0; turns < 100; turns++) await new Promise(setImmediate)
  t.ok(given < 500, `${given} chunks were read before any was taken`)
  t.equal((await take(source.output!)).length, 64 * 2000)
})

void t.test('any bytes in any chunks give the lines of the whole', async () => {
  const bytes = fc
    .uint8Array({ maxLength: 40 })
    .map((of) => Buffer.from(of.map((byte) => [10, 13, 0, 97, 0xc3, 0xa4][byte % 6]!)))
  await fc.assert(
    fc.asyncProperty(fc.array(bytes, { maxLength: 6 }), async (chunks) => {
      const whole = Buffer.concat(chunks).toString('utf8')
      const expected = whole.split('\n')
      if (expected.at(-1) === '') expected.pop()
      const last = whole.endsWith('\n') ? expected.length : expected.length - 1
      const got = (await read(...chunks.filter(({ length }) => length > 0))).read
      return (
        JSON.stringify(got) ===
        JSON.stringify(expected.map((line, i) => (i < last ? line.replace(/\r$/, '') : line)))
      )
    }),
  )
})
