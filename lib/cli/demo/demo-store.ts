/** The demo's store: Loki's API in the same process, if the database package is installed. */
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { ConfigText } from '../../run/modules/config-text.ts'
import { DATABASE } from '../../store/install-hint.ts'

const LOKI_PORT = 3100

export interface DemoStore {
  /** `http://127.0.0.1:3100`, or with another port if that one is taken. */
  readonly url: string
  /** The config that adds the store. */
  readonly config: ConfigText
}

/** Returns `undefined` without the database package. `anyPort`: Loki's own port isn't tried. */
export async function demoStore(anyPort = false): Promise<DemoStore | undefined> {
  if (!installed()) return undefined
  const port = (anyPort ? undefined : await free(LOKI_PORT)) ?? (await free(0)) ?? LOKI_PORT
  const text = `loki.store "demo" {\n\thttp {\n\t\tlisten_port = ${port}\n\t}\n}\n`
  return { url: `http://127.0.0.1:${port}`, config: { source: { name: 'demo store', text }, modulePath: '' } }
}

function installed(): boolean {
  try {
    createRequire(import.meta.url).resolve(DATABASE)
    return true
  } catch {
    return false
  }
}

/** Returns the port, or the one the system chose for 0; `undefined` if it is taken. */
function free(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address() as AddressInfo
      server.close(() => resolve(address.port))
    })
  })
}
