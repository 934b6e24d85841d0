import fc from 'fast-check'
import t from 'tap'
import { isRefusal, type SyslogMessage } from '../../../../lib/formats/syslog/message.ts'
import { parseRfc3164, type Rfc3164Options } from '../../../../lib/formats/syslog/rfc3164.ts'
import { asRecorded, recorded } from './recorded.ts'
import { anyText } from '../../../support/any-text.ts'

function read(text: string, options?: Rfc3164Options): SyslogMessage {
  const result = parseRfc3164(text, options)
  if (isRefusal(result)) throw new Error(`refused, expecting ${result.expected} at ${result.at}: ${text}`)
  return result
}

void t.test('reads and refuses what go-syslog does', async (t) => {
  for (const { text, options = '', message } of recorded.rfc3164) {
    const given = {
      counter: options.includes('m'),
      sequence: options.includes('c'),
      ciscoHostname: options.includes('h'),
    }
    t.strictSame(asRecorded(parseRfc3164(text, given)), message, `${options} ${JSON.stringify(text)}`)
  }
})

void t.test('takes what real senders write and go-syslog throws away', async (t) => {
  const rsyslog = read('<13>2024-03-04T05:06:07.123456+01:00 web1 sshd[7]: hello')
  t.match(rsyslog, { hostname: 'web1', appName: 'sshd', procId: '7', message: 'hello' })
  t.strictSame(rsyslog.time, { seconds: Date.UTC(2024, 2, 4, 4, 6, 7) / 1000, nanos: 123_456_000 })
  t.match(read('<13>Feb 05 17:32:18 host app: x'), { hostname: 'host', message: 'x' })
  t.equal(read('<13>Feb  5 17:32:18.5 host app: x').time?.nanos, 500_000_000)
  t.equal(read('<13>Feb  5 17:32:18 host app: a\0b\x07c').message, 'a\0b\x07c', 'control characters stay')
  t.equal(read('<13>Feb  5 17:32:18 host app: a\nb').message, 'a\nb', 'and so do further lines')
  t.equal(read('<13>Feb  5 17:32:18 host foo[bar] baz').message, 'foo[bar] baz', 'nothing of the text is cut')
})

void t.test('the year that is not there', async (t) => {
  const year = (text: string, now: string): number =>
    new Date(read(text, { now: new Date(now) }).time!.seconds * 1000).getUTCFullYear()
  t.equal(year('<13>Jun  1 00:00:00 h a: x', '2024-06-15T12:00'), 2024)
  t.equal(year('<13>Dec 31 23:59:59 h a: x', '2025-01-01T12:00'), 2024, 'of last year')
  t.equal(year('<13>Jan  1 00:00:01 h a: x', '2024-12-31T12:00'), 2025, 'of a clock that is ahead')
  t.equal(read('<13>Jan  1 00:00:00 h a: x').time?.seconds, -62_167_219_200, 'year 0 without a present')
})

void t.test('never throws, and loses no text after the header', async () => {
  fc.assert(
    fc.property(anyText(), (body) => {
      const kept = read(`<13>Oct 11 22:14:15 h t: x${body}`).message ?? ''
      return kept === `x${body}`.replace(/\n$/, '')
    }),
  )
  const pieces = fc.constantFrom(
    '<13>',
    'Oct 11 22:14:15',
    ' ',
    ':',
    '[',
    ']',
    '12',
    '*',
    'x',
    '2024-01-01T00:00:00Z',
  )
  fc.assert(
    fc.property(fc.array(pieces), fc.boolean(), (all, cisco) => {
      const text = all.join('')
      const result = parseRfc3164(text, { counter: cisco, sequence: cisco, ciscoHostname: cisco })
      return !isRefusal(result) || result.at <= text.length
    }),
  )
})
