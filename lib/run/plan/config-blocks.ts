/** The blocks of a config other than components: settings of the process, modules and imports. */
import {
  any,
  block,
  duration,
  flag,
  float,
  list,
  optional,
  required,
  secret,
  text,
  capsule,
  type Fields,
} from '../../component/fields.ts'
import { fetchFields } from '../../net/client/fetch-text.ts'
import { checkHttp, httpFields } from '../supervise/http-block.ts'
import { RECEIVER, type Receiver, type Stability } from '../../component/component.ts'

export interface ConfigBlock {
  readonly name: string
  readonly summary: string
  readonly fields: Fields
  /** Only in the main config, at most once. */
  readonly rootOnly: boolean
  /** Alloy accepts a meaningless label on some of them. */
  readonly label: 'required' | 'ignored' | 'refused'
  readonly stability: Stability
  /** Throws for decoded options that can't work, before anything of the config is applied. */
  readonly check?: (options: Readonly<Record<string, unknown>>) => void
}

const loggingFields = {
  level: optional(text, 'info', 'Lowest level that is written.', ['', 'debug', 'info', 'warn', 'error']),
  format: optional(text, 'logfmt', 'How lines are written.', ['', 'logfmt', 'json']),
  destination: optional(text, 'stderr', 'Where lines go.', ['stderr']),
  write_to: optional(list(capsule<Receiver>(RECEIVER)), [], "Receivers of the program's own log lines."),
}

export const argumentFields = {
  optional: optional(flag, false, 'Whether the argument may be left out.'),
  default: optional(any, null, 'Value when it is left out.'),
  comment: optional(text, '', 'What it is for.'),
}

export const exportFields = { value: required(any, 'Value to export.') }

const importFileFields = {
  filename: required(text, 'File, or folder whose *.alloy files are read.'),
  detector: optional(text, 'fsnotify', 'How changes are detected.', ['', 'fsnotify', 'poll']),
  poll_frequency: optional(duration, 60_000, 'Time between two looks at the file.'),
}

export const importHttpFields = fetchFields

export const importGitFields = {
  repository: required(text, 'URL of the repository, or its folder.'),
  revision: optional(text, 'main', 'Branch, tag or commit.'),
  path: required(text, 'File in it, or folder whose *.alloy files are read.'),
  pull_frequency: optional(duration, 60_000, 'Time between two looks for a new commit; 0s: never.'),
  basic_auth: block(
    { username: required(text, 'User name.'), password: required(secret, 'Password or token.') },
    'Credentials for https.',
  ),
  ssh_key: block(
    {
      username: required(text, 'User name.'),
      key: optional(secret, secret.zero, 'Private key, as PEM.'),
      key_file: optional(text, '', 'File with the private key.'),
      passphrase: optional(secret, secret.zero, 'Passphrase of the key.'),
    },
    'Key for ssh.',
  ),
}

const importStringFields = { content: required(text, 'Text of the module.') }

const declareFields = {}

export const foreachFields = {
  collection: required(list(any), 'Values, one instance of the template each.'),
  var: required(text, 'Name of the value inside the template.'),
  id: optional(text, '', 'Field of an object value that names the instance.'),
  hash_string_id: optional(flag, false, 'Hash the name of the instance.'),
  enable_metrics: optional(flag, false, 'Whether the instances have metrics.'),
}

function rootBlock(
  name: string,
  summary: string,
  fields: Fields,
  label: 'ignored' | 'refused' = 'refused',
): ConfigBlock {
  return { name, summary, fields, rootOnly: true, label, stability: 'generally-available' }
}

function moduleBlock(
  name: string,
  summary: string,
  fields: Fields,
  stability: Stability = 'generally-available',
): ConfigBlock {
  return { name, summary, fields, rootOnly: false, label: 'required', stability }
}

/** Every config block by name. */
export const configBlocks: ReadonlyMap<string, ConfigBlock> = new Map(
  [
    rootBlock(
      'logging',
      "Level, format and receivers of the program's own log lines.",
      loggingFields,
      'ignored',
    ),
    {
      ...rootBlock('http', 'TLS and authentication of the HTTP server.', httpFields),
      check: checkHttp,
    },
    rootBlock(
      'livedebugging',
      "Alloy's stream of what components do to entries, for pages that read it; the page's Tap does without.",
      {
        enabled: optional(flag, false, 'Whether /api/v0/web/debug/ID shows entries.'),
      },
    ),
    rootBlock(
      'tracing',
      'Accepted and ignored: logstream makes no traces.',
      {
        sampling_fraction: optional(float, 0.1, 'Ignored.'),
        send_traceparent: optional(flag, false, 'Ignored.'),
        write_to: optional(list(any), [], 'Ignored.'),
        sampler: block({ jaeger_remote: block({}, 'Ignored.') }, 'Ignored.'),
      },
      'ignored',
    ),
    moduleBlock('argument', 'An argument of a module.', argumentFields),
    moduleBlock('export', 'A value that a module exports.', exportFields),
    moduleBlock('declare', 'A component of your own, made of others.', declareFields),
    moduleBlock('import.file', 'Makes the declare blocks of a file or folder usable.', importFileFields),
    moduleBlock(
      'import.http',
      'Makes the declare blocks of a file on a web server usable.',
      importHttpFields,
    ),
    moduleBlock(
      'import.git',
      'Makes the declare blocks of a file or folder in a git repository usable.',
      importGitFields,
    ),
    moduleBlock('import.string', 'Makes the declare blocks of a string usable.', importStringFields),
    moduleBlock('foreach', 'One instance of its template per value.', foreachFields, 'experimental'),
  ].map((each) => [each.name, each]),
)
