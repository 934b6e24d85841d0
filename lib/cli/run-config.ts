/** The config of `logstream run` in either of its formats. */
import { convertPromtail } from '../convert/promtail/convert.ts'
import { printFinding, shownFindings } from '../convert/promtail/findings.ts'
import { LogstreamError } from '../errors.ts'
import { readConfig } from '../run/modules/config-files.ts'
import type { ConfigText } from '../run/modules/config-text.ts'

export type ConfigFormat = 'alloy' | 'promtail'

/** The format that `--config.format` names. Throws BAD_USAGE. */
export function configFormat(text: string | undefined): ConfigFormat {
  const format = text ?? 'alloy'
  if (format === 'alloy' || format === 'promtail') return format
  throw new LogstreamError('BAD_USAGE', `--config.format takes alloy or promtail, found "${format}"`)
}

/** Reads it afresh and converts a Promtail config as `logstream convert` does. Throws BAD_CONFIG with the findings when that fails. */
export function readRunConfig(path: string, format: ConfigFormat): ConfigText[] {
  const texts = readConfig(path)
  if (format === 'alloy') return texts
  return texts.map(({ source, modulePath }) => {
    const { text, findings } = convertPromtail(source)
    const failing = shownFindings(findings, false).filter(
      ({ severity }) => severity === 'critical' || severity === 'error',
    )
    if (failing.length > 0)
      throw new LogstreamError(
        'BAD_CONFIG',
        `${source.name} cannot be converted:\n${failing.map((each) => printFinding(each)).join('\n')}`,
      )
    return { source: { name: `${source.name} (converted)`, text }, modulePath }
  })
}
