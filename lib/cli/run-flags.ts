/**
 * The flags of `logstream run`: Alloy's, so that its command lines work unchanged, and our own. A flag of Alloy's that
 * means nothing here is accepted with a warning, or silently when what it asks for is the case anyway.
 */
import { LogstreamError, messageOf } from '../errors.ts'
import { toDuration } from '../alloy/convert.ts'
import { readArgs, type Args } from './args.ts'
import type { Flags, Takes } from './command.ts'
import { STABILITY_FLAG } from './stability.ts'

interface RunFlag {
  /** What its value is called; left out: true or false. */
  readonly value?: string
  readonly multiple?: true
  readonly takes?: Takes
  /** What --help says; left out: it's accepted for Alloy's sake and not listed. */
  readonly doc?: string
  /** Why the flag has no effect; it is accepted with a warning. */
  readonly ignored?: string
  /** The value that needs no warning. */
  readonly quiet?: string
}

export const DEFAULT_LISTEN = '127.0.0.1:12345'

const CLUSTER = 'logstream has no clusters: every process reads all of its targets'
const CONVERSION = 'use logstream convert, and run what it writes'
const GRAPHQL = 'logstream has no GraphQL API'

const text = (ignored: string): RunFlag => ({ value: 'TEXT', ignored })
const yesOrNo = (ignored?: string): RunFlag => ({ ignored, quiet: 'false' })

/** Every flag by its name without dashes. */
export const RUN_FLAGS: Readonly<Record<string, RunFlag>> = {
  'server.http.listen-addr': {
    value: 'ADDR',
    doc: `admin server: page, /metrics, /-/ready, /-/healthy, /-/reload, /-/support (${DEFAULT_LISTEN}); "" for none`,
  },
  'server.http.allowed-host': {
    value: 'NAME',
    multiple: true,
    doc: 'a name by which clients reach this machine; may be repeated',
  },
  'server.http.ui-path-prefix': { value: 'P', doc: 'what the paths of the page begin with (/)' },
  'server.http.disable-support-bundle': { doc: 'no /-/support' },
  'server.http.show-logs': { doc: 'show log lines to other machines without authentication too' },
  'server.http.allow-actions': { doc: 'let other machines reload and replay without authentication too' },
  'storage.path': { value: 'DIR', takes: 'folder', doc: 'positions, spool, dead letters (data-logstream)' },
  'stability.level': STABILITY_FLAG,
  'config.format': { value: 'FORMAT', takes: ['alloy', 'promtail'], doc: 'alloy (default) or promtail' },
  'logs-only': { doc: "leave out components that aren't about logs" },
  'feature.component-shutdown-deadline': { value: 'TIME', doc: 'how long a stop may take (4s)' },
  // Nothing is ever reported.
  'disable-reporting': {},
  'server.http.enable-pprof': yesOrNo(
    'logstream has no Go profiles; a support bundle can hold a CPU profile',
  ),
  'server.http.memory-addr': text('logstream has no in-memory traffic'),
  'server.http.enable-graphql': yesOrNo(GRAPHQL),
  'server.http.enable-graphql-playground': yesOrNo(GRAPHQL),
  'config.bypass-conversion-errors': yesOrNo(CONVERSION),
  'config.extra-args': text(CONVERSION),
  'feature.community-components.enabled': yesOrNo('logstream has no community components'),
  'feature.prometheus.direct-fanout.enabled': yesOrNo('metrics are not collected here'),
  'feature.prometheus.metric-validation-scheme': yesOrNo('metrics are not collected here'),
  'cluster.enabled': yesOrNo(CLUSTER),
  'cluster.enable-tls': yesOrNo(CLUSTER),
  'cluster.use-discovery-v1': yesOrNo(CLUSTER),
  ...Object.fromEntries(
    [
      'advertise-address',
      'advertise-interfaces',
      'discover-peers',
      'join-addresses',
      'max-join-peers',
      'name',
      'node-name',
      'rejoin-interval',
      'tls-ca-path',
      'tls-cert-path',
      'tls-key-path',
      'tls-server-name',
      'wait-for-size',
      'wait-timeout',
    ].map((name) => [`cluster.${name}`, text(CLUSTER)]),
  ),
}

/** Those that --help lists. */
export const LISTED_RUN_FLAGS: Flags = Object.fromEntries(
  Object.entries(RUN_FLAGS).flatMap(([name, { doc, value, multiple, takes }]) =>
    doc === undefined ? [] : [[name, { doc, value, multiple, takes }]],
  ),
)

export interface RunFlags {
  readonly given: Args
  /** Which paths of the page and its API begin with what: `/` or `/prefix/`. */
  readonly uiPrefix: string
  /** How long a stop may take, in milliseconds, where that was said. */
  readonly stopDeadline: number | undefined
  /** What to tell of flags that have no effect. */
  readonly warnings: readonly string[]
}

/** Throws BAD_USAGE for an unknown flag, a value that does not fit, and a flag without its value. */
export function readRunFlags(args: readonly string[]): RunFlags {
  const booleans = new Map<string, string>()
  const rest = withoutBooleans(args, booleans)
  const flags = Object.entries(RUN_FLAGS).map(([name, flag]) => [name, { doc: '', ...flag }] as const)
  const given = readArgs('run', rest, Object.fromEntries(flags))
  const warnings: string[] = []
  for (const [name, { value: takesValue, ignored, quiet }] of Object.entries(RUN_FLAGS)) {
    if (ignored === undefined) continue
    const value = takesValue === undefined ? booleans.get(name) : given.text(name)
    if (value !== undefined && value !== quiet) warnings.push(`--${name} has no effect: ${ignored}`)
  }
  return {
    given: { ...given, flag: (name) => booleans.get(name) === 'true' },
    uiPrefix: prefixOf(given.text('server.http.ui-path-prefix') ?? '/'),
    stopDeadline: deadlineOf(given.text('feature.component-shutdown-deadline')),
    warnings,
  }
}

// Go takes `--flag=false`, Node does not.
function withoutBooleans(args: readonly string[], into: Map<string, string>): string[] {
  const end = args.indexOf('--')
  const flags = end < 0 ? args : args.slice(0, end)
  const rest = flags.filter((word, i) => {
    const [, name, value = 'true'] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? []
    if (name === undefined || !isBoolean(name)) return true
    if (isValueOf(flags[i - 1])) return true
    into.set(name, truth(name, value))
    return false
  })
  return end < 0 ? rest : [...rest, ...args.slice(end)]
}

// `--storage.path --disable-reporting` is a mistake, which readArgs reports.
function isValueOf(before: string | undefined): boolean {
  return before?.startsWith('--') === true && RUN_FLAGS[before.slice(2)]?.value !== undefined
}

function isBoolean(name: string): boolean {
  const flag = Object.hasOwn(RUN_FLAGS, name) ? RUN_FLAGS[name] : undefined
  return flag !== undefined && flag.value === undefined
}

/** As Go's `strconv.ParseBool`. */
function truth(name: string, value: string): string {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return 'true'
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return 'false'
  throw new LogstreamError('BAD_USAGE', `--${name} takes true or false, found "${value}"`)
}

function prefixOf(given: string): string {
  const path = `/${given}/`.replaceAll(/\/+/g, '/')
  // A path that a URL would normalise never equals the path of a request.
  if (URL.canParse(`http://localhost${path}`) && new URL(`http://localhost${path}`).pathname === path)
    return path
  throw new LogstreamError(
    'BAD_USAGE',
    `--server.http.ui-path-prefix takes a path such as /logstream/, found "${given}"`,
  )
}

function deadlineOf(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  try {
    const milliseconds = toDuration(given) / 1e6
    if (milliseconds > 0) return milliseconds
  } catch (error) {
    throw new LogstreamError('BAD_USAGE', `--feature.component-shutdown-deadline: ${messageOf(error)}`, {
      cause: error,
    })
  }
  throw new LogstreamError(
    'BAD_USAGE',
    `--feature.component-shutdown-deadline takes a time above 0, found "${given}"`,
  )
}
