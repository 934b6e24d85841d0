/**
 * What Loki adds to what is pushed to it: the label `service_name` and the structured metadata `detected_level`
 * (its options discover_service_name and discover_log_levels, both on by default).
 */
import type { LabelSet } from '../../lib/flow/labels.ts'
import type { LabelPair } from '../../lib/formats/label-text.ts'
import { unescapeJson, walkObject } from '../../lib/logql/stages/json-scan.ts'
import { LogfmtReader } from '../../lib/logql/stages/logfmt-scan.ts'

const SERVICE_NAME = 'service_name'
export const DETECTED_LEVEL = 'detected_level'

const serviceLabels = [
  ...['service', 'app', 'application', 'app_name', 'name', 'app_kubernetes_io_name', 'container'],
  ...['container_name', 'k8s_container_name', 'component', 'workload', 'job', 'k8s_job_name'],
]

/** The labels with `service_name`: the value of the first label that tells, else `unknown_service`. */
export function withServiceName(labels: LabelSet): LabelSet {
  if (labels.has(SERVICE_NAME)) return labels
  for (const name of serviceLabels) {
    const value = labels.get(name)
    if (value !== undefined && value !== '') return labels.with(SERVICE_NAME, value)
  }
  return labels.with(SERVICE_NAME, 'unknown_service')
}

const levelNames = [
  ...[
    'level',
    'LEVEL',
    'Level',
    'log.level',
    'severity',
    'SEVERITY',
    'Severity',
    'SeverityText',
    'lvl',
    'LVL',
  ],
  ...['Lvl', 'severity_text', 'Severity_Text', 'SEVERITY_TEXT'],
]
const foldedNames = new Set(levelNames.map((name) => name.toLowerCase()))

/** Structured metadata has valid names only. */
const metadataNames = levelNames.map((name) => name.replaceAll('.', '_'))

const words: Record<string, string | undefined> = {
  trace: 'trace',
  trc: 'trace',
  debug: 'debug',
  dbg: 'debug',
  info: 'info',
  inf: 'info',
  information: 'info',
  warn: 'warn',
  wrn: 'warn',
  warning: 'warn',
  error: 'error',
  err: 'error',
  critical: 'critical',
  fatal: 'fatal',
}

function knownLevel(value: string): string | undefined {
  const word = value.toLowerCase()
  return Object.hasOwn(words, word) ? words[word] : undefined
}

const severities = ['trace', 'debug', 'info', 'warn', 'error', 'fatal']

/** OTLP's severity numbers: four for each level, from 1 to 24. */
function levelOfNumber(text: string | undefined): string | undefined {
  const number = text !== undefined && /^\d+$/.test(text) ? Number(text) : 0
  if (text === undefined || number === 0) return undefined
  return severities[Math.floor((number - 1) / 4)] ?? 'unknown'
}

function find(pairs: readonly LabelPair[] | undefined, name: string): string | undefined {
  return pairs?.find(([found]) => found === name)?.[1]
}

/**
 * The level of a line: from the metadata `detected_level`, then from the labels and the metadata that are called level or
 * severity, then from the line. Unknown words are kept as they are; `unknown` means there is none.
 */
export function detectLevel(
  labels: LabelSet,
  metadata: readonly LabelPair[] | undefined,
  line: string,
): string {
  const given = find(metadata, DETECTED_LEVEL)
  if (given !== undefined) return knownLevel(given) ?? given
  for (const name of levelNames) {
    const value = labels.get(name)
    if (value !== undefined) return knownLevel(value) ?? value
  }
  for (const name of metadataNames) {
    const value = find(metadata, name)
    if (value !== undefined) return knownLevel(value) ?? value
  }
  return levelOfNumber(find(metadata, 'severity_number')) ?? levelInLine(line)
}

/** The level that a line tells by itself. */
function levelInLine(line: string): string {
  const isJson = line.startsWith('{') && line.endsWith('}')
  const found = isJson ? levelInJson(line, 0) : line.includes('=') ? levelInLogfmt(line) : undefined
  return (found === undefined ? undefined : knownLevel(found)) ?? levelInText(line)
}

function levelInJson(text: string, depth: number): string | undefined {
  let level: string | undefined
  const objects: string[] = []
  walkObject(text, (key, value) => {
    if (value.kind === 'object') objects.push(value.text)
    if (value.kind !== 'string' || !foldedNames.has(key.toLowerCase())) return 'next'
    level = unescapeJson(value.text) ?? ''
    return 'stop'
  })
  if (level !== undefined || depth > 0) return level
  for (const object of objects) {
    const found = levelInJson(object, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

const reader = new LogfmtReader()

function levelInLogfmt(line: string): string | undefined {
  reader.start(line)
  while (!reader.done) {
    if (reader.read() && reader.value !== '' && foldedNames.has(reader.key.toLowerCase())) return reader.value
  }
  return undefined
}

const standing =
  /(?<![^ \t\n[({"=])(?:trace|debug|fatal|critical|error|err|warning|warn|info)(?![^ \t\n\][(){}:,!"=])/i

function levelInText(line: string): string {
  const word = standing.exec(line)?.[0]
  return (word === undefined ? undefined : knownLevel(word)) ?? 'unknown'
}
