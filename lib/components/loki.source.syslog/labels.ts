/** The labels of a syslog message: `__syslog_*` from what it says, relabelled, then without those that begin with `__`. */
import { labelSet, type LabelSet } from '../../flow/labels.ts'
import type { Relabel } from '../../formats/relabel.ts'
import { facilityName, severityName, type SyslogMessage } from '../../formats/syslog/message.ts'

const CACHE_SIZE = 10_000

/** Who sent it. The host name is '' unless relabelling could use it. */
export interface Sender {
  readonly ip: string
  readonly hostname: string
}

export interface LabelOptions {
  readonly labels: ReadonlyMap<string, string>
  readonly labelStructuredData: boolean
  /** `undefined`: no rules, so that no label of a message can stay. */
  readonly relabel: Relabel | undefined
}

/** Returns the labels of a message. As in Alloy, a rule that drops only keeps later rules from running. */
export interface Labeller {
  (sender: Sender, message: SyslogMessage): LabelSet
  /** What it returns for every message, if that is always the same. */
  readonly constant?: LabelSet
}

export function labeller(options: LabelOptions): Labeller {
  const { relabel, labelStructuredData } = options
  if (relabel === undefined) {
    const constant = visible(options.labels)
    return Object.assign(() => constant, { constant })
  }
  const cache = new Map<string, LabelSet>()
  const make = (sender: Sender, message: SyslogMessage): LabelSet => {
    const labels = new Map(options.labels)
    describe(labels, sender, message)
    if (labelStructuredData) describeStructuredData(labels, message)
    for (const [name, value] of labels) if (value === '') labels.delete(name)
    relabel(labels)
    return visible(labels)
  }
  return (sender, message) => {
    // Labels that differ from message to message would only fill the cache.
    if ((labelStructuredData && message.structuredData !== undefined) || message.counter !== undefined)
      return make(sender, message)
    const key = keyOf(sender, message)
    const known = cache.get(key)
    if (known !== undefined) return known
    if (cache.size >= CACHE_SIZE) cache.clear()
    const labels = make(sender, message)
    cache.set(key, labels)
    return labels
  }
}

function keyOf({ ip, hostname }: Sender, message: SyslogMessage): string {
  const head = `${ip}\0${hostname}\0${message.priority}\0${message.sequence}\0${message.hostname}`
  return `${head}\0${message.appName}\0${message.procId}\0${message.msgId}`
}

function describe(labels: Map<string, string>, sender: Sender, message: SyslogMessage): void {
  const set = (name: string, value: string | number | undefined): void => {
    if (value !== undefined) labels.set(`__syslog_${name}`, String(value))
  }
  set('connection_ip_address', sender.ip)
  set('connection_hostname', sender.hostname)
  if (message.priority !== undefined) {
    set('message_severity', severityName(message.priority))
    set('message_facility', facilityName(message.priority))
  }
  set('message_hostname', message.hostname)
  set('message_app_name', message.appName)
  set('message_proc_id', message.procId)
  set('message_msg_id', message.msgId)
  set('message_msg_counter', message.counter)
  set('message_sequence', message.sequence)
}

function describeStructuredData(labels: Map<string, string>, { structuredData }: SyslogMessage): void {
  for (const [id, params] of structuredData ?? [])
    for (const [name, value] of params)
      labels.set(`__syslog_message_sd_${id.replaceAll('@', '_')}_${name}`, value)
}

function visible(labels: ReadonlyMap<string, string>): LabelSet {
  return labelSet([...labels].filter(([name, value]) => !name.startsWith('__') && value !== ''))
}
