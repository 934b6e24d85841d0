/** The service with its admin server, run in this process with a config of the test, and requests to it. */
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { startService, type Service, type ServiceOptions } from '../../lib/cli/run.ts'
import { fakeIo, type FakeIo } from './fake-io.ts'

export interface AdminService {
  readonly io: FakeIo
  readonly service: Service
  /** Writes the config anew; nothing is loaded by it. */
  readonly write: (config: string) => void
  readonly get: (path: string, ask?: Ask) => Promise<Got>
}

export interface Ask {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** `name:password` */
  readonly auth?: string
}

export interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: Buffer
  readonly text: string
}

/** `folder` is for the config and for what the service keeps. */
export async function adminService(
  folder: string,
  config: string,
  options: Partial<ServiceOptions> = {},
  io = fakeIo(),
): Promise<AdminService> {
  const path = `${folder}/config.alloy`
  const write = (text: string): void => writeFileSync(path, text)
  write(config)
  const service = await startService(
    {
      path,
      listen: '127.0.0.1:0',
      storagePath: `${folder}/data`,
      stability: 'generally-available',
      ...options,
    },
    io,
  )
  return { io, service, write, get: (to, ask) => get(`${service.url}${to}`, ask) }
}

/** Certificates are not checked. */
export async function get(url: string, { method = 'GET', headers, auth }: Ask = {}): Promise<Got> {
  return await new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? secureRequest : request
    send(url, { method, headers, auth, agent: false, rejectUnauthorized: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const body = Buffer.concat(chunks)
        resolve({
          status: response.statusCode!,
          headers: response.headers as Got['headers'],
          body,
          text: body.toString(),
        })
      })
    })
      .on('error', reject)
      .end()
  })
}
