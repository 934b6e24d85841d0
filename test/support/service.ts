/** Runs the real command as a process of its own, to be killed, stopped and watched. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const COMMAND = fileURLToPath(new URL('../../bin/logstream.js', import.meta.url))

export interface ServiceProcess {
  readonly child: ChildProcess
  /** Everything it has written to stderr. */
  readonly stderr: () => string
  /** Resolves when stderr holds the text; rejects when the process ends before. */
  readonly said: (text: string) => Promise<void>
  /** Resolves with the exit status or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>
  /** Sends the signal and resolves with the exit status or the signal that ended it. */
  readonly end: (signal: NodeJS.Signals) => Promise<number | NodeJS.Signals>
}

/** Starts `logstream ...args`. */
export function startCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ServiceProcess {
  return startProgram(process.execPath, [COMMAND, ...args], { ...process.env, ...env })
}

/** Starts a logstream that was installed some other way. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: Readonly<NodeJS.ProcessEnv>,
): ServiceProcess {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env })
  let stderr = ''
  const listeners = new Set<() => void>()
  const changed = (): void => listeners.forEach((listener) => listener())
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    changed()
  })
  const ended = once(child, 'exit').then(([code, signal]) => {
    changed()
    return (code ?? signal) as number | NodeJS.Signals
  })
  return {
    child,
    stderr: () => stderr,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stderr.includes(text)) resolve()
          else if (child.exitCode !== null || child.signalCode !== null)
            reject(new Error(`ended without "${text}":\n${stderr}`))
          else return
          listeners.delete(look)
        }
        listeners.add(look)
        look()
      }),
    ended,
    end: async (signal) => {
      child.kill(signal)
      return await ended
    },
  }
}
