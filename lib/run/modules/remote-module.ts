/** Modules that are not on this machine: what `import.http` and `import.git` read, at the start and at each poll. */
import type { Clock } from '../../flow/clock.ts'
import { textFetcher, type FetchOptions } from '../../net/client/fetch-text.ts'
import { GitModule, type GitOptions } from './git-module.ts'
import type { ModuleText } from './imports.ts'

export interface RemoteModule {
  /** Milliseconds between two polls; 0: no polls. */
  readonly pollMs: number
  /** Rejects with `LogstreamError` when it can't be fetched. */
  read(): Promise<readonly ModuleText[]>
  close(): Promise<void>
}

/** `folder` returns a folder for what must be on disk. Throws `LogstreamError` for arguments that can't work. */
export function openRemote(
  kind: string,
  options: Readonly<Record<string, unknown>>,
  clock: Clock,
  folder: () => string,
): RemoteModule {
  if (kind === 'import.git')
    return new GitModule(options as Readonly<Record<string, unknown>> & GitOptions, folder)
  const { url, poll_frequency: pollMs } = options as FetchOptions
  const fetcher = textFetcher(options as FetchOptions, () => clock.now())
  return {
    pollMs,
    read: async () => [{ name: nameOf(url), text: await fetcher.read(), modulePath: parentOf(url) }],
    close: () => fetcher.close(),
  }
}

// For messages: no user, password or query.
function nameOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname}`
}

function parentOf(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname.slice(0, pathname.lastIndexOf('/'))}`
}
