/** The records of a request as entries: one for each line, or for each event of CloudWatch Logs. */
import type { IncomingHttpHeaders } from 'node:http'
import type { ComponentContext } from '../../component/component.ts'
import { Stamps } from '../../flow/clock.ts'
import { Entry } from '../../flow/entry.ts'
import { LabelSet } from '../../flow/labels.ts'
import { dropped, type Outcome } from '../../flow/outcome.ts'
import { Warnings } from '../../intake/warnings.ts'
import { TENANT_LABEL } from '../../loki/batch.ts'
import { decodeBody } from '../../loki/body.ts'
import { MAX_PUSH_BYTES, MAX_PUSH_ENTRIES, type Decoded, type Refusal } from '../../loki/push-receiver.ts'
import { SenderLabels } from '../../loki/sender-labels.ts'
import { sameSecret } from '../../net/server/auth.ts'
import { attributeLabels } from './common-attributes.ts'
import { DistinctTimes } from './distinct-times.ts'
import type { FirehoseOptions } from './fields.ts'
import type { FirehoseMetrics } from './metrics.ts'
import { requestIn, unpackRecord, type CloudWatchLogs, type RecordFault } from './records.ts'

/** Bytes of all records of a request, unpacked: Firehose's buffer of 5 MiB holds some 50 MiB of CloudWatch Logs. */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024

const TOO_LARGE: Refusal = {
  ok: false,
  status: 413,
  message:
    'the records hold more than 64 MiB unpacked, or one of them more than 16 MiB: ' +
    'lower the buffer size of the Firehose stream',
}

const ENDED: Readonly<Record<Exclude<RecordFault, 'too-large'>, Outcome>> = {
  'base64-decode': dropped('firehose_base64'),
  'gzip-deflate': dropped('firehose_gzip'),
}

type Labels = [string, string][]

/** The entries of one request while they are made. */
interface Taking {
  readonly entries: Entry[]
  readonly ended: Outcome[]
  readonly common: Labels
  /** That of the request. */
  readonly timestamp: number | undefined
  readonly times: DistinctTimes
}

export class FirehoseEntries {
  readonly #stamps: Stamps
  readonly #warnings: Warnings
  readonly #metrics: FirehoseMetrics
  readonly #labels: SenderLabels
  readonly #ownTimes: boolean
  readonly #accessKey: string

  constructor(options: FirehoseOptions, ctx: ComponentContext, metrics: FirehoseMetrics) {
    this.#stamps = new Stamps(ctx.clock)
    this.#warnings = new Warnings(ctx.log, ctx.clock)
    this.#metrics = metrics
    this.#labels = new SenderLabels({
      rules: options.relabel_rules,
      labels: undefined,
      winner: 'rules',
      job: ctx.id,
    })
    this.#ownTimes = options.use_incoming_timestamp
    this.#accessKey = options.access_key.text
  }

  /** Whether a request has the access key, where one is set. */
  admits(headers: IncomingHttpHeaders): boolean {
    if (this.#accessKey === '') return true
    if (sameSecret(String(headers['x-amz-firehose-access-key'] ?? ''), this.#accessKey)) return true
    this.#warnings.warn('key', 'a request of Firehose was refused: it lacks the access key', {
      source: String(headers['x-amz-firehose-source-arn'] ?? ''),
    })
    return false
  }

  /** Refuses a request only when none of its records can be read, or they are too large: Firehose keeps those in S3. */
  async of(packed: Buffer, headers: IncomingHttpHeaders): Promise<Decoded> {
    const body = await decodeBody(packed, headers['content-encoding'] ?? '', MAX_PUSH_BYTES)
    if (!body.ok) {
      this.#metrics.requestErrors.add('pre_read')
      return body
    }
    const request = requestIn(body.bytes)
    if (request === undefined) {
      this.#metrics.requestErrors.add('read_or_format')
      return { ok: false, status: 400, message: 'expected {"requestId": …, "timestamp": …, "records": […]}' }
    }
    const { timestamp, records } = request
    this.#metrics.batchSize.observe(records.length)
    this.#stamps.refresh()
    const common = this.#commonLabels(headers)
    const taking: Taking = { entries: [], ended: [], common, timestamp, times: new DistinctTimes() }
    const { entries, ended } = taking
    let left = MAX_UNPACKED_BYTES
    let read = 0
    for (const data of records) {
      // Too many already: the receiver refuses them all.
      if (entries.length + ended.length > MAX_PUSH_ENTRIES) break
      const record = await unpackRecord(data, Math.min(left, MAX_PUSH_BYTES))
      if (record === 'too-large') {
        this.#metrics.requestErrors.add('read_or_format')
        return TOO_LARGE
      }
      if (typeof record === 'string') {
        this.#refuse(record)
        ended.push(ENDED[record])
        continue
      }
      read++
      left -= record.size
      if (typeof record.content === 'string') this.#takeLine(record.content, taking)
      else this.#takeEvents(record.content, taking)
    }
    if (read === 0 && records.length > 0)
      return {
        ok: false,
        status: 400,
        message: `none of the ${records.length} records can be read: expected base64, or gzip in base64`,
      }
    return { ok: true, push: { entries, ended } }
  }

  #takeLine(line: string, taking: Taking): void {
    this.#metrics.received.add('direct-put')
    this.#take(line, taking.timestamp, this.#labels.of(taking.common), taking)
  }

  #takeEvents(logs: CloudWatchLogs, taking: Taking): void {
    this.#metrics.received.add('cloudwatch-logs')
    const labels = this.#labels.of([...taking.common, ...labelsOf(logs)])
    for (const { message, timestamp } of logs.logEvents) this.#take(message, timestamp, labels, taking)
  }

  #take(
    line: string,
    ms: number | undefined,
    labels: LabelSet | Outcome,
    { entries, ended, times }: Taking,
  ): void {
    if (!(labels instanceof LabelSet)) return void ended.push(labels)
    if (!this.#ownTimes || ms === undefined) return void entries.push(Entry.now(this.#stamps, line, labels))
    const { seconds, nanos } = times.of(ms, line)
    entries.push(new Entry(seconds, nanos, line, labels))
  }

  #refuse(fault: RecordFault): void {
    this.#metrics.recordErrors.add(fault)
    this.#warnings.warn(fault, 'a record of Firehose was left out', { reason: fault })
  }

  #commonLabels(headers: IncomingHttpHeaders): Labels {
    const header = (name: string): string => String(headers[name] ?? '')
    return [
      ['__aws_firehose_request_id', header('x-amz-firehose-request-id')],
      ['__aws_firehose_source_arn', header('x-amz-firehose-source-arn')],
      [TENANT_LABEL, header('x-scope-orgid')],
      ...attributeLabels(header('x-amz-firehose-common-attributes'), (fault) => {
        this.#metrics.attributeErrors.add(fault)
        this.#warnings.warn(fault, 'a common attribute of Firehose makes no label', { reason: fault })
      }),
    ]
  }
}

function labelsOf(logs: CloudWatchLogs): Labels {
  return [
    ['__aws_owner', logs.owner],
    ['__aws_cw_log_group', logs.logGroup],
    ['__aws_cw_log_stream', logs.logStream],
    ['__aws_cw_matched_filters', logs.subscriptionFilters.join(',')],
    ['__aws_cw_msg_type', logs.messageType],
  ]
}
