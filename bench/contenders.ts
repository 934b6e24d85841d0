/** The programs that take turns at a workload: this tree, another tree, the hand-written loop, and peers on the PATH. */
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Program } from './measure.ts'
import type { Places, Workload } from './workloads.ts'

/** One run of a workload. */
export interface Run {
  readonly workload: Workload
  readonly places: Places
  /** The file with the config. */
  readonly config: string
}

export interface Contender {
  readonly name: string
  /** Returns undefined for a workload that it can't do. */
  readonly program: (run: Run) => Program | undefined
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
// What the command sets by itself.
const REGEXP_FLAG = '--enable-experimental-regexp-engine-on-excessive-backtracks'
const PEERS = join(ROOT, 'bench', 'peers')

/** This tree first, then what it is compared with. */
export function contenders(other: string | undefined, peers: boolean): readonly Contender[] {
  return [
    logstream('logstream', ROOT),
    ...(other === undefined ? [] : [logstream('the other tree', other)]),
    handWritten,
    ...(peers ? [alloy, vector, fluentBit].filter(({ name }) => isOnPath(name)) : []),
  ]
}

/** The built tree at `root`. */
export function logstream(name: string, root: string): Contender {
  const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    bin: { logstream: string }
  }
  const node = [process.execPath, join(root, bin.logstream)]
  return {
    name,
    program: ({ workload, places, config }) => {
      const listen = workload.stored === true ? `127.0.0.1:${places.port}` : ''
      const flags = [`--storage.path=${places.folder}/data`, `--server.http.listen-addr=${listen}`]
      if (workload.feed === 'library') {
        const script = join(root, 'dist', 'bench', 'pipeline.js')
        return { command: [process.execPath, REGEXP_FLAG, script, places.path, places.url], reports: true }
      }
      return workload.feed === 'pipe'
        ? { command: [...node, 'pipe', '-c', config, ...flags], stdin: places.path }
        : { command: [...node, 'run', config, ...flags], ...sending(workload, places) }
    },
  }
}

const handWritten: Contender = {
  name: 'hand-written',
  program: ({ workload, places: { path, url } }) =>
    workload.handWritten === true
      ? {
          command: [process.execPath, join(ROOT, 'dist', 'bench', 'hand-written.js'), path, url],
          reports: true,
        }
      : undefined,
}

const alloy: Contender = {
  name: 'alloy',
  program: ({ workload, places, config }) =>
    workload.extension === true
      ? undefined
      : {
          command: [
            ...['alloy', 'run', config, `--storage.path=${places.folder}/data`],
            ...['--server.http.listen-addr=127.0.0.1:0', '--disable-reporting'],
          ],
          ...sending(workload, places),
        },
}

const vector: Contender = { name: 'vector', program: fromConfig('vector', ['vector', '--quiet', '--config']) }

const fluentBit: Contender = {
  name: 'fluent-bit',
  program: fromConfig('fluent-bit', ['fluent-bit', '-q', '-c']),
}

// Their configs lie in bench/peers and take the places from the environment.
function fromConfig(name: string, command: readonly string[]): Contender['program'] {
  return ({ workload, places }) => {
    const config = join(PEERS, `${workload.name}.${name}.yaml`)
    if (!existsSync(config)) return undefined
    const { protocol, hostname, port } = new URL(places.url)
    const env = {
      BENCH_FILE: places.path,
      BENCH_FOLDER: places.folder,
      BENCH_LOKI: `${protocol}//${hostname}:${port}`,
      BENCH_LOKI_PORT: port,
    }
    return { command: [...command, config], env }
  }
}

function sending({ feed }: Workload, { path, port }: Places): Pick<Program, 'send'> {
  return feed === 'tcp' ? { send: { file: path, port } } : {}
}

function isOnPath(program: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
}
