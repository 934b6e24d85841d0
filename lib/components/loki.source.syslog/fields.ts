/** The arguments of `loki.source.syslog`, and what Alloy checks about them beyond their types. */
import { RECEIVER, type Receiver, type Stability } from '../../component/component.ts'
import { LogstreamError } from '../../errors.ts'
import {
  block,
  blocks,
  capsule,
  duration,
  flag,
  integer,
  list,
  map,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { maxLineSizeField } from '../../component/options/source.ts'
import { relabelRules } from '../../component/options/relabel.ts'
import { listenerTlsFields } from '../../net/server/listener-tls.ts'

const ciscoFields = {
  enable_all: optional(flag, false, 'Reads all of the fields below.'),
  message_counter: optional(flag, false, 'Messages begin with a message counter.'),
  sequence_number: optional(flag, false, 'Messages carry a sequence number.'),
  hostname: optional(flag, false, 'Messages carry the host name before the time.'),
  second_fractions: optional(flag, false, 'Times have fractions of a second; they are read in any case.'),
}

const listenerFields = {
  address: required(text, 'Address to listen on, as "127.0.0.1:1514".'),
  protocol: optional(text, 'tcp', 'Transport of the messages.', ['tcp', 'udp', '']),
  idle_timeout: optional(
    duration,
    120_000,
    'Time without a whole message after which a TCP connection is closed.',
  ),
  label_structured_data: optional(
    flag,
    false,
    'Makes RFC 5424 structured data labels: __syslog_message_sd_<id>_<name>.',
  ),
  labels: optional(map(text), new Map<string, string>(), 'Labels of every message.'),
  use_incoming_timestamp: optional(flag, false, 'Takes the time of the message, not the time of reading.'),
  use_rfc5424_message: optional(flag, false, 'Makes the whole RFC 5424 message the line, not only its MSG.'),
  rfc3164_default_to_current_year: optional(
    flag,
    false,
    'Takes the year that RFC 3164 times lack from the present; it is 0 otherwise.',
  ),
  rfc5424_allow_empty_msg: optional(flag, false, 'Takes RFC 5424 messages without a MSG.'),
  max_message_length: optional(
    integer,
    8192,
    'The longest message that octet counting may announce, in bytes; a longer one goes on raw.',
  ),
  tls_config: block(
    listenerTlsFields,
    'Certificate of a TCP listener; with a CA, clients must show one too.',
  ),
  syslog_format: optional(text, 'rfc5424', 'Form of the messages; "raw" is experimental.', [
    'rfc5424',
    'rfc3164',
    'raw',
  ]),
  raw_format_options: block(
    {
      use_null_terminator_delimiter: optional(flag, false, 'Messages end with NUL instead of a line feed.'),
    },
    'Options of the raw format.',
  ),
  rfc3164_cisco_components: block(ciscoFields, 'Fields that Cisco IOS adds before the time (experimental).'),
  udp_queue_size: optional(integer, 10, 'Datagrams of the longest kind that may wait; at least 8 MiB may.'),
  udp_host_cache_size: optional(integer, 128, 'How many names of senders are remembered.'),
}

export const syslogFields = {
  listener: blocks(listenerFields, 'A port that takes messages.', { required: true }),
  forward_to: required(list(capsule<Receiver>(RECEIVER)), 'Receivers of the messages.'),
  max_line_size: maxLineSizeField,
  relabel_rules: optional(relabelRules, undefined, 'The rules of a loki.relabel, run on each message.'),
}

export type SyslogOptions = OptionsOf<typeof syslogFields>
export type ListenerOptions = OptionsOf<typeof listenerFields>

/** Throws BAD_CONFIG for options that exclude each other or need another stability level. */
export function checkListener(options: ListenerOptions, stability: Stability): void {
  const { syslog_format: format, rfc3164_cisco_components: cisco } = options
  if (stability !== 'experimental' && format === 'raw')
    throw bad('syslog_format "raw" is experimental: start with --stability.level=experimental')
  if (stability !== 'experimental' && cisco !== undefined)
    throw bad('rfc3164_cisco_components is experimental: start with --stability.level=experimental')
  if (cisco !== undefined && format !== 'rfc3164')
    throw bad(`rfc3164_cisco_components needs syslog_format = "rfc3164", found "${format}"`)
  if (cisco !== undefined && !Object.values(cisco).includes(true))
    throw bad('rfc3164_cisco_components has nothing enabled: set enable_all = true, or remove the block')
  if (options.rfc5424_allow_empty_msg && format !== 'rfc5424')
    throw noEffect('rfc5424_allow_empty_msg', format)
  if (format !== 'raw') {
    if (options.raw_format_options !== undefined) throw noEffect('raw_format_options', format)
    return
  }
  for (const name of [
    'use_rfc5424_message',
    'rfc3164_default_to_current_year',
    'use_incoming_timestamp',
  ] as const)
    if (options[name]) throw noEffect(name, format)
}

function noEffect(name: string, format: string): LogstreamError {
  return bad(`${name} has no effect with syslog_format = "${format}": remove it`)
}

function bad(message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `listener: ${message}`, { option: 'listener' })
}
