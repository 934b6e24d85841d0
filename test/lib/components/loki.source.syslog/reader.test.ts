import t from 'tap'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import type { Entry } from '../../../../lib/flow/entry.ts'
import { EMPTY_LABELS } from '../../../../lib/flow/labels.ts'
import { Intake } from '../../../../lib/intake/intake.ts'
import { MAX_LINE_BYTES } from '../../../../lib/intake/line-limit.ts'
import { syslogFields } from '../../../../lib/components/loki.source.syslog/fields.ts'
import { syslogMetrics, SyslogReader } from '../../../../lib/components/loki.source.syslog/reader.ts'
import { Warnings } from '../../../../lib/intake/warnings.ts'
import { metric, sourceContext, take, type SourceContext } from '../../../support/source.ts'

const NOW = Date.UTC(2024, 5, 15)

async function read(
  given: Readonly<Record<string, unknown>>,
  ...messages: string[]
): Promise<{ entries: Entry[]; ctx: SourceContext }> {
  const ctx = sourceContext({ clock: { ...systemClock, now: () => NOW } })
  const input = { forward_to: [], listener: [{ address: '', ...given }] }
  const options = decodeInput('loki.source.syslog', syslogFields, input).listener[0]!
  const intake = new Intake(ctx)
  const shared = {
    metrics: syslogMetrics(ctx.metrics),
    warnings: new Warnings(ctx.log, ctx.clock),
    clock: ctx.clock,
  }
  const reader = new SyslogReader(options, () => EMPTY_LABELS, {
    ...shared,
    lines: intake.partition(),
    maxLineBytes: MAX_LINE_BYTES,
  })
  for (const message of messages) {
    // In the midst of other bytes, as a message lies in a chunk.
    const bytes = Buffer.from(`<1>${message}\n`)
    reader.read({ bytes, from: 3, to: bytes.length - 1, fault: '' }, { ip: '10.0.0.1', hostname: '' })
  }
  intake.end()
  return { entries: await take(intake.output), ctx }
}

function seconds({ entries }: { entries: Entry[] }): number {
  return entries[0]!.seconds
}

void t.test('times', async (t) => {
  const old = '<13>Feb  5 17:32:18 h a: x'
  const format = { syslog_format: 'rfc3164' }
  t.equal(seconds(await read(format, old)), NOW / 1000, 'of reading')
  const incoming = { ...format, use_incoming_timestamp: true }
  t.ok(seconds(await read(incoming, old)) < -62_000_000_000, 'year 0, as in Alloy')
  const thisYear = { ...incoming, rfc3164_default_to_current_year: true }
  t.equal(seconds(await read(thisYear, old)), Date.UTC(2024, 1, 5, 17, 32, 18) / 1000)
  t.equal(
    seconds(await read({ use_incoming_timestamp: true }, '<13>1 - h a p m - x')),
    NOW / 1000,
    'it has none',
  )
})

void t.test('formats', async (t) => {
  const line = async (
    given: Readonly<Record<string, unknown>>,
    message: string,
  ): Promise<string | undefined> => (await read(given, message)).entries[0]?.line
  t.equal(await line({ syslog_format: 'raw' }, '<13>CEF:0|x'), 'CEF:0|x')
  t.equal(await line({ syslog_format: 'raw', use_rfc5424_message: true }, 'x'), 'x')
  const cisco = { syslog_format: 'rfc3164', rfc3164_cisco_components: { enable_all: true } }
  t.equal(await line(cisco, '<189>237: 000104: r1: *Jan  8 19:46:03.295: %A-5-B: up'), 'up')
  const hosts = { syslog_format: 'rfc3164', rfc3164_cisco_components: { hostname: true } }
  t.equal(await line(hosts, '<189>r1: Jan  8 19:46:03: %A-5-B: up'), 'up')
  const other = '<189>237: 000104: Jan  8 19:46:03: %A-5-B: up'
  t.equal(await line(hosts, other), other, 'not what is expected, so it goes on as it is')
  t.equal(await line({}, '<13>1 - h a p m - gr\u00fcn'), 'gr\u00fcn')
})

void t.test('a warning for each kind of trouble, not for each message', async (t) => {
  const { ctx } = await read({}, '<13>bad', '<13>worse', '<13>1 - h a p m - ')
  t.equal(ctx.logged.length, 1)
  t.match(ctx.logged[0], /expected a version .* at byte 4, found \\"bad\\"/)
  t.equal(metric(ctx, 'loki_source_syslog_parsing_errors_total'), 2)
  t.equal(ctx.ledger.total('dropped'), 1)
})
