/** From frames to entries: parses, labels, stamps, and counts what could not be read. */
import { isAscii } from 'node:buffer'
import type { Clock } from '../../flow/clock.ts'
import { dropped } from '../../flow/outcome.ts'
import {
  isRefusal,
  formatRfc5424,
  type SyslogMessage,
  type SyslogResult,
} from '../../formats/syslog/message.ts'
import { parseRaw } from '../../formats/syslog/raw.ts'
import { parseRfc3164 } from '../../formats/syslog/rfc3164.ts'
import { parseRfc5424 } from '../../formats/syslog/rfc5424.ts'
import { Rfc5424Bytes } from '../../formats/syslog/rfc5424-bytes.ts'
import type { Counter, Metrics } from '../../telemetry/metrics.ts'
import type { Partition } from '../../intake/partition.ts'
import type { Warnings } from '../../intake/warnings.ts'
import type { ListenerOptions } from './fields.ts'
import type { Frame, FramingOptions } from './framing.ts'
import type { Labeller, Sender } from './labels.ts'

/** Structured metadata of a message that goes on raw: why it couldn't be read. */
const ERROR_NAME = 'syslog_error'

const SPACE = 0x20
const rfc5424 = new Rfc5424Bytes()

const EMPTY = dropped('syslog_empty_message')
const QUEUE_FULL = dropped('udp_queue_full')

/** Alloy's names, one set for all listeners of a component. */
export interface SyslogMetrics {
  readonly entries: Counter
  readonly errors: Counter
  readonly empty: Counter
}

export function syslogMetrics(metrics: Metrics): SyslogMetrics {
  const counter = (name: string, help: string): Counter =>
    metrics.counter(`loki_source_syslog_${name}_total`, help)
  return {
    entries: counter('entries', 'Messages handed on.'),
    errors: counter('parsing_errors', 'Messages that could not be read, and went on as they came.'),
    empty: counter('empty_messages', 'Messages without a text.'),
  }
}

/** What the readers of a component share. */
export interface ReaderContext {
  readonly lines: Partition<undefined>
  readonly metrics: SyslogMetrics
  readonly warnings: Warnings
  readonly clock: Clock
  /** What is held of a message that has no end. */
  readonly maxLineBytes: number
}

export class SyslogReader {
  readonly framing: FramingOptions
  readonly #options: ListenerOptions
  readonly #label: Labeller
  readonly #ctx: ReaderContext
  readonly #parse: (text: string) => SyslogResult

  constructor(options: ListenerOptions, label: Labeller, ctx: ReaderContext) {
    this.#options = options
    this.#label = label
    this.#ctx = ctx
    this.#parse = parserOf(options, ctx.clock)
    const raw = options.syslog_format === 'raw'
    this.framing = {
      maxLength: options.max_message_length > 0 ? options.max_message_length : 8192,
      maxHeld: ctx.maxLineBytes,
      raw,
      delimiter: options.raw_format_options?.use_null_terminator_delimiter === true ? 0 : 0x0a,
    }
  }

  /** Takes one message over: one that can't be read goes on as it came, marked and counted. */
  read(frame: Frame, sender: Sender): void {
    const { fault } = frame
    if (fault === '' && this.#takeBytes(frame)) return
    const bytes = frame.bytes.subarray(frame.from, frame.to)
    const text = bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8')
    if (fault !== '') return this.#takeRaw(text, sender, fault)
    const message = this.#parse(text)
    if (!isRefusal(message)) return this.#take(message, sender)
    const found = JSON.stringify(text.slice(message.at, message.at + 32))
    this.#takeRaw(text, sender, `expected ${message.expected} at byte ${message.at}, found ${found}`)
  }

  /** Counts a datagram that came while too many others were waiting. */
  overflow(sender: string): void {
    this.#ctx.lines.reject(QUEUE_FULL, undefined)
    this.#ctx.warnings.warn('udp_queue_full', 'UDP messages dropped: they come faster than they are taken', {
      peer: sender,
      do: 'raise udp_queue_size for longer bursts, or use TCP, which makes senders wait',
    })
  }

  // Takes the text of a usual message as bytes, where nothing else of the message is asked for.
  #takeBytes({ bytes, from, to }: Frame): boolean {
    const { use_rfc5424_message: whole, use_incoming_timestamp: stamped, syslog_format } = this.#options
    const { constant } = this.#label
    if (constant === undefined || whole || syslog_format !== 'rfc5424') return false
    if (!rfc5424.read(bytes, from, to) || rfc5424.text === to) return false
    const text = bytes[rfc5424.text] === SPACE ? rfc5424.text + 1 : rfc5424.text
    const { metrics, lines } = this.#ctx
    if (!lines.addBytes(bytes, [text, to], constant, undefined, stamped ? rfc5424.time : undefined))
      return false
    metrics.entries.value++
    return true
  }

  #take(message: SyslogMessage, sender: Sender): void {
    const { metrics, lines } = this.#ctx
    const { rfc5424_allow_empty_msg: allowEmpty, use_rfc5424_message: whole } = this.#options
    if (message.message === undefined) {
      metrics.empty.value++
      if (!allowEmpty) return lines.reject(EMPTY, undefined)
    }
    const line = whole && message.version > 0 ? formatRfc5424(message) : textOf(message)
    metrics.entries.value++
    lines.add(
      line,
      this.#label(sender, message),
      undefined,
      this.#options.use_incoming_timestamp ? message.time : undefined,
    )
  }

  #takeRaw(text: string, sender: Sender, fault: string): void {
    const { metrics, lines, warnings } = this.#ctx
    metrics.errors.value++
    metrics.entries.value++
    lines.add(text, this.#label(sender, { version: 0 }), undefined, undefined, [[ERROR_NAME, fault]])
    warnings.warn(`unreadable ${sender.ip}`, 'a syslog message could not be read and goes on as it came', {
      peer: sender.ip,
      reason: fault,
      format: this.#options.syslog_format,
      do: 'set syslog_format to what the device sends; "raw" takes any line',
    })
  }
}

// RSYSLOG_SyslogProtocol23Format, rsyslog's template for RFC 5424, puts a space of its own before most texts.
function textOf({ version, message = '' }: SyslogMessage): string {
  return version > 0 && message.startsWith(' ') ? message.slice(1) : message
}

function parserOf(options: ListenerOptions, clock: Clock): (text: string) => SyslogResult {
  switch (options.syslog_format) {
    case 'raw':
      return parseRaw
    case 'rfc3164':
      return rfc3164Parser(options, clock)
    default:
      return parseRfc5424
  }
}

function rfc3164Parser(options: ListenerOptions, clock: Clock): (text: string) => SyslogResult {
  const cisco = options.rfc3164_cisco_components
  const all = cisco?.enable_all === true
  const given = {
    counter: all || cisco?.message_counter === true,
    sequence: all || cisco?.sequence_number === true,
    ciscoHostname: all || cisco?.hostname === true,
  }
  const { use_incoming_timestamp: used, rfc3164_default_to_current_year: thisYear } = options
  if (!(used && thisYear)) return (text) => parseRfc3164(text, given)
  return (text) => parseRfc3164(text, { ...given, now: new Date(clock.now()) })
}
