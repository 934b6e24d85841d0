/** What pipe mode runs: a config that is found or made up, and the labels of every line. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { quote } from '../go/strconv/quote.ts'
import { LogstreamError } from '../errors.ts'
import { readConfig } from '../run/modules/config-files.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import type { Args } from './args.ts'
import type { Io } from './io.ts'
import { labelFlags } from './label-flags.ts'
import { pushUrl } from './push-url.ts'

export const SYSTEM_CONFIG = '/etc/logstream/config.alloy'

export interface PipeConfig {
  readonly config: () => ConfigText[]
  /** Whether entries are printed instead of delivered. */
  readonly print: boolean
}

export function configPath(given: Args, io: Io): string | undefined {
  const candidates = [given.text('config'), io.env['LOGSTREAM_CONFIG'] || undefined]
  const named = candidates.find((path) => path !== undefined)
  return named ?? ['logstream.alloy', SYSTEM_CONFIG].find((file) => existsSync(file))
}

export function findConfig(given: Args, io: Io): PipeConfig {
  const path = configPath(given, io)
  const url = given.text('loki-url')
  if (path !== undefined && url === undefined)
    return { config: () => readConfig(path), print: given.flag('dry-run') }
  if (given.text('config') !== undefined && url !== undefined)
    throw new LogstreamError(
      'BAD_USAGE',
      'use either --config or --loki-url: a config already says where lines go',
    )
  const target = url ?? (io.env['LOKI_URL'] || undefined)
  return { config: () => [plainConfig(target)], print: target === undefined || given.flag('dry-run') }
}

// The config used without a config: standard input straight into one endpoint.
function plainConfig(url: string | undefined): ConfigText {
  const endpoint = quote(pushUrl(url ?? 'http://127.0.0.1:3100'))
  const text = `loki.source.stdin "pipe" {
	forward_to = [loki.write.pipe.receiver]
	labels     = { job = "stdin" }
}

loki.write "pipe" {
	endpoint {
		url = ${endpoint}
	}
}
`
  return { source: { name: 'built-in config', text }, modulePath: resolve('.') }
}

export function extraLabels(given: Args): ReadonlyMap<string, string> {
  const labels = new Map(Object.entries(labelFlags(given)))
  const tenant = given.text('tenant')
  if (tenant !== undefined) labels.set('__tenant_id__', tenant)
  return labels
}
