import fc from 'fast-check'
import t from 'tap'
import {
  Framer,
  framing,
  isBroken,
  MAX_LINE_MESSAGE_BYTES,
  type Frame,
  type FramingOptions,
} from '../../../../lib/components/loki.source.syslog/framing.ts'
import { StepClock } from '../../../support/step-clock.ts'

const STRICT: FramingOptions = { maxLength: 100, raw: false, delimiter: 0x0a }
const RAW: FramingOptions = { ...STRICT, raw: true }

/** Broken bytes show as `!` with the reason, fatal ones as `!!`. */
function show(frames: readonly Frame[]): string[] {
  return frames.map((frame) =>
    isBroken(frame) ? `${frame.fatal ? '!!' : '!'} ${frame.broken}` : frame.toString(),
  )
}

function cut(options: FramingOptions, ...chunks: (string | Buffer)[]): string[] {
  const framer = new Framer(options)
  const frames: Frame[] = []
  for (const chunk of chunks) framer.push(Buffer.from(chunk), frames)
  framer.end(frames)
  return show(frames)
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
    ['CRLF, NUL, empty lines', STRICT, ['\r\n<1>a\r\n\n<2>b\0<3>c\0\n'], ['<1>a', '<2>b\0<3>c']],
    ['a message of several lines', STRICT, ['<1>a\n at b\n', ' at c\n<2>d'], ['<1>a\n at b\n at c', '<2>d']],
    ['raw lines', RAW, ['CEF:0|a\n\n<1>b\r\nc'], ['CEF:0|a', '<1>b', 'c']],
    ['raw lines with digits first', RAW, ['2024-01-02 a\n', '7 b'], ['2024-01-02 a', '7 b']],
    ['raw, counted', RAW, ['7', ' CEF:0|a3 abc'], ['CEF:0|a', 'abc']],
    ['raw, NUL between', { ...RAW, delimiter: 0 }, ['a\nb\0c\0'], ['a\nb', 'c']],
    ['nothing', STRICT, [''], []],
    [
      'garbage',
      STRICT,
      ['hello\n'],
      ['!! found "hello\\n" where a message begins: expected "<" or a length'],
    ],
    [
      'a bad length',
      STRICT,
      ['5 <1>abx'],
      ['<1>ab', '!! found "x" where the length of a message was expected'],
    ],
    [
      'a length without end',
      STRICT,
      ['12345678901 <1>'],
      ['!! found "12345678901 <1>" where the length of a message was expected'],
    ],
    ['no message', STRICT, ['0 <1>'], ['!! found the message length 0']],
    ['too long', STRICT, ['101 <1>'], ['!! a message of 101 bytes is longer than max_message_length (100)']],
    ['cut short', STRICT, ['9 <1>ab'], ['!! the connection ended inside a message, after 7 bytes']],
  ]
  for (const [name, options, chunks, frames] of cases) t.strictSame(cut(options, ...chunks), frames, name)
})

void t.test('a message without end is thrown away once, and the next one is read', async (t) => {
  const block = Buffer.alloc(1024 * 1024, 'x')
  const many = Array.from({ length: MAX_LINE_MESSAGE_BYTES / block.length + 4 }, () => block)
  const broken = `! a message is longer than ${MAX_LINE_MESSAGE_BYTES} bytes`
  t.strictSame(cut(STRICT, '<1>', ...many, '\n<2>a\n<3>b'), [broken, '<2>a', '<3>b'])
  t.strictSame(cut(RAW, 'a\n', ...many, '\nb\n'), ['a', broken, 'b'])
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

void t.test('any bytes are framed or reported, and never throw', async () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 })), fc.boolean(), (chunks, raw) => {
      const all = Buffer.concat(chunks)
      const frames = cut(raw ? RAW : STRICT, ...chunks.map((chunk) => Buffer.from(chunk)))
      return frames.length > 0 || all.every((byte) => byte === 10 || byte === 13 || byte === 0)
    }),
  )
})

void t.test('the last message of a pause is not held back', async (t) => {
  const clock = new StepClock()
  const stream = framing(STRICT, clock)
  const got: string[] = []
  stream.on('data', (frames: Frame[]) => got.push(...show(frames)))
  const write = (text: string): Promise<void> =>
    new Promise((resolve) => void stream.write(text, () => resolve()))
  await write('<1>a\n<2>b\n')
  t.strictSame(got, ['<1>a'], 'a second line may follow')
  clock.advance(10_000)
  await new Promise(setImmediate)
  t.strictSame(got, ['<1>a', '<2>b'])
  await write('<3>c\n')
  await write('<4>d')
  t.equal(clock.pending, 0, 'only a whole message is in doubt')
  stream.end()
  await new Promise((resolve) => void stream.once('end', resolve))
  t.strictSame(got, ['<1>a', '<2>b', '<3>c', '<4>d'])
})
