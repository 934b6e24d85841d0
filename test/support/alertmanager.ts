/** A real Alertmanager (Debian's package prometheus-alertmanager, or ALERTMANAGER), with a webhook behind it. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const PROGRAM = ['prometheus-alertmanager', 'alertmanager', process.env['ALERTMANAGER'] ?? ''].find(
  (name) => name !== '' && spawnSync(name, ['--version']).status === 0,
)

/** Why there is none; `undefined` when there is one. */
export function noAlertmanager(): string | undefined {
  return PROGRAM === undefined ? 'prometheus-alertmanager is not installed' : undefined
}

export interface Hook {
  readonly url: string
  /** `firing Errors`, in the order of arrival. */
  readonly received: readonly string[]
  /** Resolves once there is such a notification. */
  readonly got: (what: string) => Promise<void>
  readonly close: () => void
}

/** Takes notifications of alerts. */
export async function startHook(): Promise<Hook> {
  const received: string[] = []
  const waiting = new Set<() => void>()
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { alerts } = JSON.parse(body) as {
        alerts: { status: string; labels: Record<string, string> }[]
      }
      for (const { status, labels } of alerts) received.push(`${status} ${labels['alertname']}`)
      for (const look of waiting) look()
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    got: (what) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!received.includes(what)) return
          waiting.delete(look)
          resolve()
        }
        waiting.add(look)
        look()
      }),
    close: () => void server.close(),
  }
}

export interface Alertmanager {
  readonly url: string
  readonly close: () => Promise<void>
}

/** Starts one at a port that was free, in a folder of the test's. Resolves once it is ready. */
export async function startAlertmanager(folder: string, hook: Hook, port: number): Promise<Alertmanager> {
  const config = join(folder, 'alertmanager.yml')
  writeFileSync(
    config,
    `route:
  receiver: hook
  group_by: [alertname]
  group_wait: 100ms
  group_interval: 1s
receivers:
  - name: hook
    webhook_configs: [{ url: '${hook.url}' }]
`,
  )
  const url = `http://127.0.0.1:${port}`
  const child: ChildProcess = spawn(
    PROGRAM!,
    [
      `--config.file=${config}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
    ],
    { stdio: 'ignore' },
  )
  const ended = once(child, 'exit')
  for (;;) {
    const ready = await fetch(`${url}/-/ready`).then(
      ({ status }) => status === 200,
      () => false,
    )
    if (ready) break
    if (child.exitCode !== null) throw new Error(`alertmanager ended with ${child.exitCode}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return {
    url,
    close: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** A port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve) => server.close(() => resolve()))
  return port
}
