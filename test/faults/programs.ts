/** What the faults break: logstream, and the peers on the PATH for those faults that are about tailed files. */
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where one run happens. */
export interface Places {
  /** The glob of the files to tail. */
  readonly files: string
  /** A folder for positions and buffers, the same in every life of a run. */
  readonly data: string
  /** Loki's address, without a path. */
  readonly loki: URL
}

/** A program with a config of its own in bench/peers, which takes the places from the environment. */
export interface Peer {
  readonly name: string
  readonly command: (places: Places) => readonly [program: string, ...args: string[]]
}

const config = (extension: string): string => join('bench', 'peers', `faults.${extension}`)

const PEERS: readonly Peer[] = [
  {
    name: 'alloy',
    command: ({ data }) => [
      ...(['alloy', 'run', config('alloy'), `--storage.path=${data}`] as const),
      ...['--server.http.listen-addr=127.0.0.1:0', '--disable-reporting'],
    ],
  },
  { name: 'vector', command: () => ['vector', '--quiet', '--config', config('vector.yaml')] },
  // -Y: SIGHUP reloads the config.
  { name: 'fluent-bit', command: () => ['fluent-bit', '-q', '-Y', '-c', config('fluent-bit.yaml')] },
]

export function peersOnPath(path: string = process.env['PATH'] ?? ''): readonly Peer[] {
  return PEERS.filter(({ name }) => path.split(delimiter).some((folder) => existsSync(join(folder, name))))
}

/** What the configs of the peers refer to. */
export function peerEnvironment({ files, data, loki }: Places): NodeJS.ProcessEnv {
  return {
    ...process.env,
    FAULT_FILES: files,
    FAULT_FOLDER: data,
    FAULT_LOKI: loki.origin,
    FAULT_LOKI_PORT: loki.port,
  }
}
