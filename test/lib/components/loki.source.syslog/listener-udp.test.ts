import { createSocket } from 'node:dgram'
import t from 'tap'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { labelSet } from '../../../../lib/flow/labels.ts'
import { Intake } from '../../../../lib/intake/intake.ts'
import { MAX_LINE_BYTES } from '../../../../lib/intake/line-limit.ts'
import { syslogFields } from '../../../../lib/components/loki.source.syslog/fields.ts'
import { Hostnames } from '../../../../lib/components/loki.source.syslog/hostnames.ts'
import { UdpSyslogListener } from '../../../../lib/components/loki.source.syslog/listener-udp.ts'
import { syslogMetrics, SyslogReader } from '../../../../lib/components/loki.source.syslog/reader.ts'
import { Warnings } from '../../../../lib/intake/warnings.ts'
import { lines, sourceContext, take } from '../../../support/source.ts'

void t.test('order is kept while the name of a sender is looked up, on all addresses', async (t) => {
  const ctx = sourceContext()
  const listener = { address: ':0', protocol: 'udp' }
  const [options] = decodeInput('x', syslogFields, { forward_to: [], listener: [listener] }).listener
  const intake = new Intake(ctx)
  let found = (_names: string[]): void => {}
  const lookup = (): Promise<string[]> => new Promise((resolve) => (found = resolve))
  const shared = {
    lines: intake.partition(),
    maxLineBytes: MAX_LINE_BYTES,
    metrics: syslogMetrics(ctx.metrics),
    warnings: new Warnings(ctx.log, ctx.clock),
    clock: systemClock,
    hostnames: new Hostnames(lookup, { ...systemClock, after: () => ({ cancel: () => {} }) }, 10),
  }
  const reader = new SyslogReader(options!, ({ ip, hostname }) => labelSet({ ip, hostname }), shared)
  const syslog = new UdpSyslogListener(options!, reader, shared)
  await syslog.open()
  const port = Number(syslog.address.slice(syslog.address.lastIndexOf(':') + 1))
  const socket = createSocket('udp4')
  for (let i = 0; i < 20; i++) {
    if (i === 10) found(['me'])
    await new Promise<void>((resolve) =>
      socket.send(`<13>1 - h a p m - ${i}`, port, '127.0.0.1', () => resolve()),
    )
    await new Promise(setImmediate)
  }
  const entries = await take(intake.output, 20)
  t.strictSame(
    lines(entries),
    Array.from({ length: 20 }, (_, i) => String(i)),
  )
  t.ok(entries.every(({ labels }) => labels.text === '{hostname="me", ip="127.0.0.1"}'))
  socket.close()
  await syslog.stop()
  t.equal(syslog.address, '')
  await syslog.stop()
})
