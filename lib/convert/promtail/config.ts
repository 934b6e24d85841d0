/** The whole of a Promtail config, as it is read. */
import { client } from './clients.ts'
import { bool, byteSize, duration, float, int, list, struct, text, type Value } from './read.ts'
import { scrapeConfig } from './scrape-config.ts'
import { ownServer } from './server.ts'

const fileWatch = struct({ min_poll_frequency: duration(250e6), max_poll_frequency: duration(250e6) })

const limits = struct({
  readline_rate: float(10_000),
  readline_burst: int(10_000),
  readline_rate_enabled: bool(),
  readline_rate_drop: bool(true),
  max_streams: int(),
  max_line_size: byteSize(),
  max_line_size_truncate: bool(),
})

const shape = {
  global: struct({ file_watch_config: fileWatch }),
  server: ownServer,
  client,
  clients: list(client),
  positions: struct({
    sync_period: duration(10e9),
    filename: text('/var/log/positions.yaml'),
    ignore_invalid_yaml: bool(),
  }),
  scrape_configs: list(scrapeConfig),
  target_config: struct({ sync_period: duration(10e9), stdin: bool() }),
  limits_config: limits,
  options: struct({}),
  tracing: struct({ enabled: bool(true) }),
  wal: struct({
    enabled: bool(),
    dir: text(),
    cleanSegmentsOlderThan: duration(),
    watchConfig: struct({ minReadFrequency: duration(), maxReadFrequency: duration() }),
  }),
}

/** The top level; two jobs of one name are refused as Promtail does. */
export const promtailConfig = struct(shape, (config, refuse) => {
  const names = new Set<string>()
  for (const { job_name: name } of config.scrape_configs ?? []) {
    if (names.has(name)) refuse(`there are two scrape configs with the job_name "${name}"`)
    names.add(name)
  }
})

export type PromtailConfig = Value<typeof shape>
export type Limits = typeof limits.absent
