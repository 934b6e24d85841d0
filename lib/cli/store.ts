/** `logstream store`: the embedded store alone, as a small Loki. */
import { resolve } from 'node:path'
import { quote } from '../go/strconv/quote.ts'
import type { Field, Fields } from '../component/fields.ts'
import { lokiStore } from '../components/loki.store/loki-store.ts'
import { LogstreamError } from '../errors.ts'
import { listenAddress } from '../net/server/address.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { readArgs, type Args } from './args.ts'
import type { Command, Flags } from './command.ts'
import { serve } from './run.ts'
import { PATH_FLAG, runStoreTool, TOOL_FLAGS } from './store-tools.ts'
import { stabilityOf } from './stability.ts'

/** Options of the component that have a flag of another name, or are written in one with others. */
const ELSEWHERE: ReadonlySet<string> = new Set(['path', 'retention', 'reject_old_samples'])

const OPTIONS = 'Options of loki.store, with its defaults (docs/reference/loki.store.md):'

interface OptionFlag {
  /** `limits.max-streams` */
  readonly flag: string
  readonly block: string | undefined
  readonly name: string
  readonly type: string
  readonly doc: string
}

/** Blocks whose options are flags too: `--limits.max-streams`. */
const BLOCKS: ReadonlySet<string> = new Set(['limits', 'object_storage', 'rules', 'tenants'])

/** The other options of `loki.store`, those of some blocks among them, as flags. */
export const optionFlags: readonly OptionFlag[] = Object.entries(lokiStore.fields as Fields).flatMap(
  ([name, field]) => {
    if (field.kind === 'attribute') return ELSEWHERE.has(name) ? [] : [flagOf(undefined, name, field)]
    return field.kind === 'block' && BLOCKS.has(name)
      ? Object.entries(field.fields as Fields).flatMap(([inner, each]) =>
          each.kind === 'attribute' && !each.type.name.startsWith('map(') ? [flagOf(name, inner, each)] : [],
        )
      : []
  },
)

function flagOf(block: string | undefined, name: string, field: Field): OptionFlag {
  const flag = (block === undefined ? name : `${block}.${name}`).replaceAll('_', '-')
  return { flag, block, name, type: field.kind === 'attribute' ? field.type.name : '', doc: field.doc }
}

export const storeFlags: Flags = {
  path: PATH_FLAG,
  listen: { value: 'ADDR', doc: "Loki's HTTP API (127.0.0.1:3100)" },
  'grpc-listen': { value: 'ADDR', doc: 'pushes over gRPC; left out: none' },
  retention: { value: 'TIME', doc: 'how long entries are kept, such as 720h; 0s: for ever (0s)' },
  'reject-old': { doc: 'refuse old entries, as Loki does by default' },
  'server.http.listen-addr': { value: 'ADDR', doc: 'page and /metrics (127.0.0.1:12345); "" for none' },
  'rules.alertmanager-url': { value: 'URL', multiple: true, doc: 'where alerts go; may be repeated' },
  ...Object.fromEntries(optionFlags.map(({ flag, doc }) => [flag, { value: 'VALUE', doc, group: OPTIONS }])),
}

export const storeCommand: Command = {
  usage: [
    'logstream store [flags]',
    'logstream store verify | compact [--path DIR]',
    'logstream store backup | restore [--path DIR] DIR',
    'logstream store export [--path DIR] [flags] [DIR]',
  ],
  about: `
Runs the embedded store alone: it takes pushes and answers queries as Loki does.
Point loki.write, Grafana or logcli at it; ask it with logstream query.`,
  flags: { ...storeFlags, ...TOOL_FLAGS },
  notes: `
With the store's folder, while no process uses it:

  verify       reads every file, and names those that are damaged
  compact      seals what came in, and joins small files of days that are over
  backup DIR   copies the store to DIR; again: copies what is new
  restore DIR  copies a backup from DIR to --path, where nothing may be, and reads it
  export [DIR] writes entries to standard output, or into files in DIR

Exit status: 0 stopped or done, 1 it could not start, 4 damaged files were found.`,
  words: ['verify', 'compact', 'backup', 'restore', 'export'],
  run: async (args, io) => {
    const done = await runStoreTool(args, io)
    if (done !== undefined) return done
    const given = readArgs('store', args, storeFlags)
    if (given.words.length > 0)
      throw new LogstreamError('BAD_USAGE', `unexpected "${given.words[0]}". See: logstream store --help`)
    return await serve(
      {
        more: [storeConfig(given)],
        listen: given.text('server.http.listen-addr') ?? '127.0.0.1:12345',
        storagePath: 'data-logstream',
        stability: stabilityOf(undefined),
      },
      io,
    )
  },
}

/** The config that the flags stand for. */
export function storeConfig(given: Args): ConfigText {
  const grpc = given.text('grpc-listen')
  const text = `loki.store "store" {
	path               = ${quote(given.text('path') ?? 'data-logstream/store')}
	retention          = ${quote(given.text('retention') ?? '0s')}
	reject_old_samples = ${given.flag('reject-old')}
${attributes(given, undefined, '\t')}
	http {
${listener(given.text('listen') ?? '127.0.0.1:3100')}
	}

	limits {
${attributes(given, 'limits', '\t\t')}	}
${rules(given)}${block(given, 'object_storage')}${block(given, 'tenants')}${grpc === undefined ? '' : `\n\tgrpc {\n${listener(grpc)}\n\t}\n`}}
`
  return { source: { name: 'command line', text }, modulePath: resolve('.') }
}

/** A block of options, if a flag is about one of them. */
function block(given: Args, name: string): string {
  const body = attributes(given, name, '\t\t')
  return body === '' ? '' : `\n\t${name} {\n${body}\t}\n`
}

/** The block of rules, if a flag is about them. */
function rules(given: Args): string {
  const alertmanagers = given
    .texts('rules.alertmanager-url')
    .map((url) => `\n\t\talertmanager {\n\t\t\turl = ${quote(url)}\n\t\t}\n`)
  const body = attributes(given, 'rules', '\t\t') + alertmanagers.join('')
  return body === '' ? '' : `\n\trules {\n${body}\t}\n`
}

function attributes(given: Args, wanted: string | undefined, indent: string): string {
  return optionFlags
    .filter(({ block, flag }) => block === wanted && given.text(flag) !== undefined)
    .map(({ name, flag, type }) => `${indent}${name} = ${literal(given.text(flag)!, type)}\n`)
    .join('')
}

/** A flag's value as the config writes it; what doesn't fit its type is left for the config to refuse. */
function literal(value: string, type: string): string {
  if (type.startsWith('list(')) {
    const items = value.split(',').filter((item) => item !== '')
    return `[${items.map((item) => quote(item)).join(', ')}]`
  }
  const isPlain = /^-?\d+$/.test(value) || (type === 'bool' && /^(?:true|false)$/.test(value))
  return isPlain && type !== 'string' ? value : quote(value)
}

function listener(address: string): string {
  const { host, port } = listenAddress(address)
  return `\t\tlisten_address = ${quote(host)}\n\t\tlisten_port    = ${port}`
}
