/**
 * A real S3 server for a test: Versity's gateway, which keeps objects as files of a folder and checks signatures. Needs Go the
 * first time.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { ACCESS_KEY, SECRET_KEY } from './fake-s3.ts'
import { goProgram } from './go-program.ts'

const GATEWAY = goProgram('github.com/versity/versitygw/cmd/versitygw', '1.8.0')

/** Why the server can't run here, `undefined` when it can. */
export function noS3Server(): string | undefined {
  return GATEWAY.missing()
}

export interface S3Server {
  readonly port: number
  /** Lines of all objects of the bucket `logs`. */
  lines(): string[]
  kill(): Promise<void>
  start(): Promise<void>
}

/** `folder` is empty; the bucket `logs` is made in it. */
export async function startS3Server(folder: string): Promise<S3Server> {
  const bucket = join(folder, 'logs')
  mkdirSync(bucket, { recursive: true })
  const port = await freePort()
  let child: ChildProcess | undefined
  const start = async (): Promise<void> => {
    const login = ['--access', ACCESS_KEY, '--secret', SECRET_KEY]
    child = spawn(GATEWAY.path, ['--port', `127.0.0.1:${port}`, ...login, '--quiet', 'posix', folder], {
      stdio: 'ignore',
    })
    for (let attempt = 0; attempt < 200 && !(await answers(port)); attempt++) await sleep(50)
  }
  await start()
  return {
    port,
    lines: () =>
      readdirSync(bucket, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.gz'))
        .flatMap((name) =>
          gunzipSync(readFileSync(join(bucket, name)))
            .toString()
            .trimEnd()
            .split('\n'),
        ),
    kill: async () => {
      const ended = new Promise((resolve) => child!.once('exit', resolve))
      child!.kill('SIGKILL')
      await ended
    },
    start,
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}
