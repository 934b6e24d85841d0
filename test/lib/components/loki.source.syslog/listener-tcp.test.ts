import { connect } from 'node:net'
import t from 'tap'
import { systemClock } from '../../../../lib/flow/clock.ts'
import { decodeInput } from '../../../../lib/component/decode.ts'
import { EMPTY_LABELS } from '../../../../lib/flow/labels.ts'
import { Intake } from '../../../../lib/intake/intake.ts'
import { MAX_LINE_BYTES } from '../../../../lib/intake/line-limit.ts'
import { syslogFields } from '../../../../lib/components/loki.source.syslog/fields.ts'
import { TcpSyslogListener } from '../../../../lib/components/loki.source.syslog/listener-tcp.ts'
import { syslogMetrics, SyslogReader } from '../../../../lib/components/loki.source.syslog/reader.ts'
import { Warnings } from '../../../../lib/intake/warnings.ts'
import { lines, sourceContext, take } from '../../../support/source.ts'

void t.test('a silent connection is closed, with the message that it still held', async (t) => {
  const ctx = sourceContext()
  const listener = { address: '127.0.0.1:0', idle_timeout: '30ms' }
  const [options] = decodeInput('x', syslogFields, { forward_to: [], listener: [listener] }).listener
  const intake = new Intake(ctx)
  const shared = {
    lines: intake.partition(),
    maxLineBytes: MAX_LINE_BYTES,
    metrics: syslogMetrics(ctx.metrics),
    warnings: new Warnings(ctx.log, ctx.clock),
    clock: systemClock,
    hostnames: undefined,
  }
  const syslog = new TcpSyslogListener(
    options!,
    new SyslogReader(options!, () => EMPTY_LABELS, shared),
    shared,
  )
  t.equal(syslog.address, '')
  await syslog.open()
  const socket = connect(Number(syslog.address.split(':')[1]), '127.0.0.1')
  socket.on('error', () => {})
  socket.write('<13>1 - h a p m - held')
  await new Promise<void>((resolve) => void socket.once('close', () => resolve()))
  t.strictSame(lines(await take(intake.output, 1)), ['held'])
  await syslog.stop()
  t.equal(syslog.connections, 0)
})
