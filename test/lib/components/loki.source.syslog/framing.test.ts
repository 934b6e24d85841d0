import fc from 'fast-check'
import t from 'tap'
import {
  Framer,
  type Frame,
  type FramingOptions,
} from '../../../../lib/components/loki.source.syslog/framing.ts'

const STRICT: FramingOptions = { maxLength: 100, maxHeld: 200, raw: false, delimiter: 0x0a }
const RAW: FramingOptions = { ...STRICT, raw: true }

/** What is wrong with a message follows it after `!`. */
const textOf = ({ bytes, from, to }: Frame): string => bytes.toString('utf8', from, to)

function show(frames: readonly Frame[]): string[] {
  return frames.map((frame) => (frame.fault === '' ? textOf(frame) : `${textOf(frame)} ! ${frame.fault}`))
}

function cut(options: FramingOptions, ...chunks: (string | Buffer)[]): string[] {
  const framer = new Framer(options)
  const frames = chunks.flatMap((chunk) => framer.push(Buffer.from(chunk)))
  return show([...frames, ...framer.end()])
}

void t.test('both framings', async (t) => {
  const cases: [name: string, options: FramingOptions, chunks: string[], frames: string[]][] = [
    ['counted', STRICT, ['5 <1>ab6 <1>abc'], ['<1>ab', '<1>abc']],
    ['counted, over chunks', STRICT, ['1', '0 <1>a', 'bcdef', 'g3 <1>'], ['<1>abcdefg', '<1>']],
    [
      'counted, with line feeds between',
      STRICT,
      ['5 <1>ab\n5 <1>cd\r\n', '\n5 <1>ef'],
      ['<1>ab', '<1>cd', '<1>ef'],
    ],
    ['counted, of several lines', STRICT, ['7 <1>a\nbc'], ['<1>a\nbc']],
    ['counted bytes, not characters', STRICT, ['8 <1>é€4 <1>x'], ['<1>é€', '<1>x']],
    ['lines', STRICT, ['<1>a\n<2>b\n'], ['<1>a', '<2>b']],
    ['lines, over chunks', STRICT, ['<1', '>a', '\n', '<2>b\n<', '3>c'], ['<1>a', '<2>b', '<3>c']],
    ['CRLF, NUL, empty lines', STRICT, ['\r\n<1>a\r\n\n<2>b\0<3>c\0\n'], ['<1>a', '<2>b', '<3>c']],
    ['NUL inside', STRICT, ['<1>a\0b\0\0\n<2>c\0', '\0<3>d'], ['<1>a\0b', '<2>c', '<3>d']],
    ['a message of several lines', STRICT, ['<1>a\n at b\n', ' at c\n<2>d'], ['<1>a\n at b\n at c', '<2>d']],
    ['raw lines', RAW, ['CEF:0|a\n\n<1>b\r\nc'], ['CEF:0|a', '<1>b', 'c']],
    ['raw lines with digits first', RAW, ['2024-01-02 a\n', '7 b'], ['2024-01-02 a', '7 b']],
    ['raw, counted', RAW, ['7', ' CEF:0|a3 abc'], ['CEF:0|a', 'abc']],
    ['raw, NUL between', { ...RAW, delimiter: 0 }, ['a\nb\0c\0'], ['a\nb', 'c']],
    ['nothing', STRICT, [''], []],
    ['no priority', STRICT, ['hello\nworld\n<1>a\n'], ['hello', 'world', '<1>a']],
    ['no priority, over chunks', STRICT, ['hel', 'lo', '\nwor', 'ld\n', '<1>a'], ['hello', 'world', '<1>a']],
    [
      'a bad length',
      STRICT,
      ['5 <1>abx\n<2>c\n'],
      ['<1>ab', 'x ! expected the length of a message, found "x\\n<2>c\\n"', '<2>c'],
    ],
    ['a length without end', STRICT, ['12345678901 <1>'], ['12345678901 <1>']],
    ['no message', STRICT, ['0 5 <1>ab'], ['<1>ab']],
    [
      'too long',
      STRICT,
      [`101 <1>${'x'.repeat(98)}5 <1>ab`],
      [`<1>${'x'.repeat(98)} ! a message of 101 bytes is longer than max_message_length (100)`, '<1>ab'],
    ],
    ['cut short', STRICT, ['9 <1>ab'], ['<1>ab ! the connection ended inside a message, after 7 bytes']],
  ]
  for (const [name, options, chunks, frames] of cases) t.strictSame(cut(options, ...chunks), frames, name)
})

void t.test('a message without end comes in parts, and the next one is read', async (t) => {
  const long = `<1>${'é'.repeat(200)}`
  const fault = 'a message is longer than 200 bytes'
  const framer = new Framer(STRICT)
  const frames = [...long, '\n', '<2>a\n', '<3>b'].flatMap((chunk) => framer.push(Buffer.from(chunk)))
  frames.push(...framer.end())
  const parts = frames.slice(0, -2)
  t.equal(parts.map(textOf).join(''), long)
  t.strictSame(
    parts.map((part) => part.fault),
    [fault, fault, ''],
  )
  t.strictSame(show(frames.slice(-2)), ['<2>a', '<3>b'])
})

void t.test('many small chunks cost no more than their bytes', async (t) => {
  const framer = new Framer({ ...STRICT, maxHeld: 16 * 1024 * 1024 })
  const started = process.cpuUsage()
  framer.push(Buffer.from('<1>'))
  const byte = Buffer.from('x')
  for (let i = 0; i < 300_000; i++) framer.push(byte)
  const { user } = process.cpuUsage(started)
  t.ok(user < 2_000_000, `${user / 1000} ms for 300,000 bytes`)
  t.equal(textOf(framer.end()[0]!).length, 300_003)
})

void t.test('chunks do not matter', async () => {
  const message = fc
    .string({ unit: fc.constantFrom('a', ' ', '\n ', '€', '1'), maxLength: 20 })
    .map((text) => `<13>x${text}.`)
  await fc.assert(
    fc.asyncProperty(
      fc.array(message),
      fc.boolean(),
      fc.array(fc.nat(30)),
      async (messages, counted, sizes) => {
        const text = counted
          ? messages.map((each) => `${Buffer.byteLength(each)} ${each}`).join('')
          : messages.join('\n')
        const bytes = Buffer.from(text)
        const chunks: Buffer[] = []
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = 1 + (sizes[i % Math.max(1, sizes.length)] ?? 0)
          chunks.push(bytes.subarray(at, at + size))
          at += size
        }
        return JSON.stringify(cut(STRICT, ...chunks)) === JSON.stringify(messages)
      },
    ),
  )
})

void t.test('any bytes end up in some message, and never throw', async () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), fc.boolean(), (chunks, raw) => {
      const all = Buffer.concat(chunks)
      const frames = cut(raw ? RAW : STRICT, ...chunks.map((chunk) => Buffer.from(chunk)))
      return frames.length > 0 || all.every((byte) => byte === 10 || byte === 13 || byte === 0)
    }),
  )
})

void t.test('a whole message is held back only as long as it is in doubt', async (t) => {
  const framer = new Framer(STRICT)
  t.strictSame(show(framer.push(Buffer.from('<1>a\n<2>b\n'))), ['<1>a'], 'a second line may follow')
  t.equal(framer.doubtful, true)
  t.strictSame(show(framer.settle()), ['<2>b'])
  t.strictSame(show(framer.push(Buffer.from('<3>c\n'))), [])
  t.strictSame(show(framer.push(Buffer.from('<4>d'))), ['<3>c'])
  t.equal(framer.doubtful, false)
  t.strictSame(framer.settle(), [])
  t.strictSame(show(framer.end()), ['<4>d'])
})
