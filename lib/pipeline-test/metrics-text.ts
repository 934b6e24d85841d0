/** Metrics as client_golang prints them, so that recorded and written expectations can be compared as text. */
import { formatFloatG } from '../go/strconv/number.ts'
import { validLegacyLabelName, validLegacyMetricName } from '../telemetry/classic-names.ts'
import type { FamilySnapshot, Sample } from '../telemetry/metrics.ts'

type Shown = Omit<FamilySnapshot, 'ofConfig'>

/** The built-in counters of `loki.process`; everything else in a test's registry was made by `stage.metrics`. */
const INTERNAL = new Set([
  'loki_process_dropped_lines_total',
  'loki_process_dropped_lines_by_label_total',
  'loki_process_truncated_fields_total',
  'loki_process_cri_lines_truncated_total',
  'loki_process_cri_partial_lines_flushed_total',
  'loki_process_truncated_lines_total',
])

export function isInternal(family: Shown): boolean {
  return INTERNAL.has(family.name) || family.name.startsWith('logstream_')
}

/** Counts per stage hold times, which no test can expect. */
export function isPerStage(family: Shown): boolean {
  return family.name.startsWith('logstream_stage_')
}

/**
 * Families sorted by name; inside of one by the number of labels first, then by label values, as client_golang
 * does. The buckets of a histogram stay together in the order they were given.
 */
export function metricsText(families: readonly Shown[]): string {
  return families.map(familyText).join('')
}

function familyText({ name, help, type, samples }: Shown): string {
  const lines = samples
    .map((sample, at) => ({ sample, at, labels: ownLabels(sample) }))
    .sort((a, b) => compareLabels(a.labels, b.labels) || a.at - b.at)
    .map(({ sample }) => sampleText(name, sample))
  const shown = quoted(name, validLegacyMetricName)
  return `# HELP ${shown} ${escapeHelp(help)}\n# TYPE ${shown} ${type}\n${lines.join('')}`
}

function ownLabels(sample: Sample): [string, string][] {
  return Object.entries(sample.labels)
    .filter(([name]) => name !== 'le')
    .map(([name, value]): [string, string] => [name, String(value)])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

function compareLabels(a: readonly [string, string][], b: readonly [string, string][]): number {
  if (a.length !== b.length) return a.length - b.length
  for (let i = 0; i < a.length; i++) {
    const [, left] = a[i]!
    const [, right] = b[i]!
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}

function sampleText(family: string, { labels, value, name }: Sample): string {
  const pairs = Object.entries(labels).map(([label, text]): [string, string] => [label, String(text)])
  const le = pairs.filter(([label]) => label === 'le')
  const sorted = [...pairs.filter(([label]) => label !== 'le').sort(([a], [b]) => (a < b ? -1 : 1)), ...le]
  const pairsText = sorted.map(
    ([label, text]) => `${quoted(label, validLegacyLabelName)}="${escapeValue(text)}"`,
  )
  const metric = name ?? family
  // A quoted name comes within the braces.
  const isClassic = validLegacyMetricName(metric)
  const within = isClassic ? pairsText : [quoted(metric, validLegacyMetricName), ...pairsText]
  // Plus 0: a zero is printed without its sign.
  return `${isClassic ? metric : ''}${within.length === 0 ? '' : `{${within.join(',')}}`} ${formatFloatG(value + 0)}\n`
}

// Names beyond the classic ones are quoted (Prometheus' UTF-8 scheme).
function quoted(name: string, isClassic: (name: string) => boolean): string {
  return isClassic(name) ? name : `"${escapeValue(name)}"`
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
