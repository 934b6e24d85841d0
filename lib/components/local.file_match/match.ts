/** From targets whose paths are patterns to targets whose paths are files: what `local.file_match` is about. */
import { stat } from 'node:fs/promises'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { Clock } from '../../flow/clock.ts'
import { findFiles } from './discover.ts'
import { Glob } from './glob.ts'

/** Names to values, `__path__` among them. */
export type Target = ReadonlyMap<string, string>

export interface MatchSettings {
  readonly targets: readonly Target[]
  /** Milliseconds between two looks. */
  readonly sync_period: number
  /** Files not changed for longer (milliseconds) are left out; 0: none are. */
  readonly ignore_older_than: number
}

/** The files that the patterns match now: the labels of the pattern's target, without empty ones, and a `__path__`. */
export async function expandTargets(
  settings: MatchSettings,
  now: number,
  onError: (message: string) => void,
): Promise<Target[]> {
  const expanded: Target[] = []
  for (const target of settings.targets) {
    const path = target.get('__path__')
    const labels = [...target].filter(([, value]) => value !== '')
    if (path === undefined || path === '') {
      onError('a target has no __path__: give it a pattern, as in {__path__ = "/var/log/*.log"}')
      continue
    }
    try {
      const glob = new Glob(path)
      const exclude = target.get('__path_exclude__')
      const excluded = exclude === undefined || exclude === '' ? undefined : new Glob(exclude)
      for (const found of await findFiles(glob)) {
        if (excluded !== undefined && (excluded.matches(found.name) || excluded.matches(found.path))) continue
        if (settings.ignore_older_than > 0) {
          const modified = (await stat(found.path).catch(() => undefined))?.mtimeMs ?? -Infinity
          if (modified < now - settings.ignore_older_than) continue
        }
        expanded.push(new Map([...labels, ['__path__', found.path]]))
      }
    } catch (error) {
      onError(messageOf(error))
    }
  }
  return expanded
}

/** Looks again and again, and tells when the files are others than before. */
export class TargetWatch {
  readonly #clock: Clock
  readonly #log: Logger
  readonly #onChange: (targets: readonly Target[]) => void
  #settings: MatchSettings
  #key = ''
  #complaint = ''
  #stopped = false
  #round = 0
  #cancel: () => void = () => {}

  constructor(
    settings: MatchSettings,
    ctx: { readonly clock: Clock; readonly log: Logger },
    onChange: (targets: readonly Target[]) => void,
  ) {
    this.#settings = settings
    this.#clock = ctx.clock
    this.#log = ctx.log
    this.#onChange = onChange
  }

  /** Looks now (resolves when it has been told) and then every `sync_period`, with the new settings if given. */
  async look(settings: MatchSettings = this.#settings): Promise<void> {
    this.#settings = settings
    this.#cancel()
    const round = ++this.#round
    const complaints: string[] = []
    const targets = await expandTargets(settings, this.#clock.now(), (message) => complaints.push(message))
    if (this.#stopped || round !== this.#round) return
    const complaint = complaints.join('; ')
    if (complaint !== '' && complaint !== this.#complaint) this.#log.error(complaint)
    this.#complaint = complaint
    const key = JSON.stringify(targets.map((target) => [...target]))
    if (key !== this.#key) {
      this.#key = key
      this.#onChange(targets)
    }
    this.#cancel = this.#later()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #later(): () => void {
    const timer = this.#clock.after(Math.max(10, this.#settings.sync_period), () => void this.look())
    return () => timer.cancel()
  }
}
