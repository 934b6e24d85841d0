/** The standard library of the config language: its namespaces, functions and constants. */
import { toSecret, toStringValue } from '../convert.ts'
import { ValueError, type FunctionValue, type Value } from '../value.ts'
import { combineMaps, concat, groupBy } from './array.ts'
import { coalesce } from './coalesce.ts'
import { define } from './define.ts'
import { encodingFunctions } from './encoding.ts'
import { pathJoin } from './file.ts'
import { jsonPath } from './json-path.ts'
import { stringFunctions } from './string.ts'

/** How stable a feature must at least be to be used (`--stability.level`). */
export type StabilityLevel = 'generally-available' | 'public-preview' | 'experimental'

/** What the standard library takes from the outside. */
export interface StdlibOptions {
  readonly stability: StabilityLevel
  /** The environment; read at every call of `sys.env`. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly hostname: string
  /** Go's name of the operating system: `linux`, `darwin`, `windows`. */
  readonly os: string
  /** Go's name of the architecture: `amd64`, `arm64`. */
  readonly arch: string
  /** With a leading `v`. */
  readonly version: string
}

/** The old names of functions, which still work with a warning, and their names of today. */
export const deprecatedNames: ReadonlyMap<string, string> = new Map([
  ['env', 'sys.env'],
  ['nonsensitive', 'convert.nonsensitive'],
  ['concat', 'array.concat'],
  ['json_decode', 'encoding.from_json'],
  ['yaml_decode', 'encoding.from_yaml'],
  ['base64_decode', 'encoding.from_base64'],
  ['format', 'string.format'],
  ['join', 'string.join'],
  ['replace', 'string.replace'],
  ['split', 'string.split'],
  ['to_lower', 'string.to_lower'],
  ['to_upper', 'string.to_upper'],
  ['trim', 'string.trim'],
  ['trim_prefix', 'string.trim_prefix'],
  ['trim_suffix', 'string.trim_suffix'],
  ['trim_space', 'string.trim_space'],
])

/** The full names of functions that need `--stability.level=experimental`. */
export const experimentalNames: ReadonlySet<string> = new Set(['array.combine_maps', 'array.group_by'])

// Alloy refuses the written name when it loads the config; this also catches `array["group_by"]`.
function guarded(fn: FunctionValue, stability: StabilityLevel): FunctionValue {
  if (stability === 'experimental') return fn
  const call = (): never => {
    throw new ValueError(`${fn.name} is experimental: it needs --stability.level=experimental`)
  }
  return { kind: 'function', name: fn.name, call }
}

/** Every name of the standard library that an expression can use, deprecated ones included. */
export function standardLibrary(options: StdlibOptions): ReadonlyMap<string, Value> {
  const { env, stability } = options
  const getenv = define<[string]>('sys.env', [toStringValue], (name) => env[name] ?? '')
  const nonsensitive = define('convert.nonsensitive', [toSecret], (secret) => secret.text)
  const constants = new Map<string, Value>([
    ['hostname', options.hostname],
    ['os', options.os],
    ['arch', options.arch],
    ['version', options.version],
  ])
  const array = new Map<string, Value>([
    ['concat', concat],
    ['combine_maps', guarded(combineMaps, stability)],
    ['group_by', guarded(groupBy, stability)],
  ])
  const namespaces = new Map<string, ReadonlyMap<string, Value>>([
    ['constants', constants],
    ['sys', new Map([['env', getenv]])],
    ['convert', new Map([['nonsensitive', nonsensitive]])],
    ['array', array],
    ['encoding', encodingFunctions],
    ['string', stringFunctions],
    ['file', new Map([['path_join', pathJoin(options.os)]])],
  ])
  const library = new Map<string, Value>([...namespaces, ['coalesce', coalesce], ['json_path', jsonPath]])
  for (const [old, full] of deprecatedNames) {
    const [namespace = '', name = ''] = full.split('.')
    const fn = namespaces.get(namespace)?.get(name)
    if (fn !== undefined) library.set(old, fn)
  }
  return library
}
