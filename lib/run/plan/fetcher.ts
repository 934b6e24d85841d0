/**
 * What a plan needs from other machines: remote modules and the first values of components. Planning never waits: it
 * asks here, what isn't there yet is fetched, and then the plan is made again.
 */
import { mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { Diagnostic } from '../../alloy/diagnostic.ts'
import type { Value } from '../../alloy/value.ts'
import type { Clock, Timer } from '../../flow/clock.ts'
import type { ComponentContext, ComponentDefinition } from '../../component/component.ts'
import { messageOf } from '../../errors.ts'
import type { Logger } from '../../telemetry/log.ts'
import type { ModuleText } from '../modules/imports.ts'
import { openRemote, type RemoteModule } from '../modules/remote-module.ts'

export type Fetched<T> = { readonly value: T } | { readonly problem: unknown }

/** What planning sees of it. `undefined` means that it will be there at the next try. */
export interface Fetches {
  modules(kind: string, options: Options): Fetched<readonly ModuleText[]> | undefined
  exports(
    fullId: string,
    options: Options,
    prepare: () => Promise<ReadonlyMap<string, Value>>,
  ): Fetched<ReadonlyMap<string, Value>> | undefined
}

/** Returns what was fetched, or throws the problem. */
export function fetchedValue<T>(fetched: Fetched<T>): T {
  if ('problem' in fetched) throw fetched.problem
  return fetched.value
}

/** The first exports of a component that fetches them; `undefined`: they will be there at the next try. */
export function preparedExports(
  fetches: Fetches,
  fullId: string,
  { prepare }: ComponentDefinition,
  options: Options,
  ctx: ComponentContext,
): Fetched<ReadonlyMap<string, Value> | undefined> | undefined {
  if (prepare === undefined) return { value: undefined }
  return fetches.exports(fullId, options, () => prepare(options, ctx))
}

/** Tells that a check goes on without the values of a component. */
export function notRead(id: string, found: Diagnostic): Diagnostic {
  const message = `${id} is not read, and what refers to it is checked without its values: ${found.message}`
  return { ...found, severity: 'warning', expected: true, message }
}

type Options = Readonly<Record<string, unknown>>

interface KnownModule {
  readonly remote: RemoteModule
  fetched: Fetched<readonly ModuleText[]> | undefined
  used: boolean
  timer: Timer | undefined
}

interface KnownExports {
  readonly options: Options
  readonly fetched: Fetched<ReadonlyMap<string, Value>>
}

export interface FetcherOptions {
  readonly clock: Clock
  readonly log: Logger
  /** Folder for what must be on disk; `undefined`: a temporary one. */
  readonly storagePath: string | undefined
  /** Called when a module in use has changed. */
  readonly onChange: () => void
}

export class Fetcher implements Fetches {
  readonly #options: FetcherOptions
  readonly #modules = new Map<string, KnownModule>()
  readonly #exports = new Map<string, KnownExports>()
  #wanted: (() => Promise<void>)[] = []
  #folder: string | undefined
  #temporary = false

  constructor(options: FetcherOptions) {
    this.#options = options
  }

  modules(kind: string, options: Options): Fetched<readonly ModuleText[]> | undefined {
    const key = JSON.stringify([kind, options], withMaps)
    let known = this.#modules.get(key)
    if (known === undefined) {
      try {
        const remote = openRemote(kind, options, this.#options.clock, () => this.#ownFolder())
        this.#modules.set(key, (known = { remote, fetched: undefined, used: true, timer: undefined }))
      } catch (problem) {
        return { problem }
      }
    }
    const module = known
    module.used = true
    if (module.fetched === undefined)
      this.#wanted.push(async () => void (module.fetched ??= await settled(module.remote.read())))
    return module.fetched
  }

  exports(
    fullId: string,
    options: Options,
    prepare: () => Promise<ReadonlyMap<string, Value>>,
  ): Fetched<ReadonlyMap<string, Value>> | undefined {
    const known = this.#exports.get(fullId)
    if (known !== undefined && isDeepStrictEqual(known.options, options)) return known.fetched
    this.#wanted.push(
      async () => void this.#exports.set(fullId, { options, fetched: await settled(prepare()) }),
    )
    return undefined
  }

  /** Begins another try of a plan; with `anew`, the first one, so that what failed before is fetched again. */
  begin(anew: boolean): void {
    this.#wanted = []
    for (const module of this.#modules.values()) {
      module.used = false
      if (anew && module.fetched !== undefined && 'problem' in module.fetched) module.fetched = undefined
    }
    if (anew) this.#exports.clear()
  }

  /** Fetches what the plan was missing; resolves with `false` when it was missing nothing. */
  async fetch(): Promise<boolean> {
    const wanted = this.#wanted.splice(0)
    await Promise.all(wanted.map((each) => each()))
    return wanted.length > 0
  }

  /** The plan is applied: polls what it uses from here on, and closes the rest. */
  async keep(): Promise<void> {
    this.#exports.clear()
    for (const [key, module] of this.#modules) {
      if (module.used) this.#poll(module)
      else {
        module.timer?.cancel()
        this.#modules.delete(key)
        await module.remote.close()
      }
    }
  }

  /** Stops polling, forgets everything and removes the temporary folder. It can be used again. */
  async close(): Promise<void> {
    const modules = [...this.#modules.values()]
    this.#modules.clear()
    for (const { timer } of modules) timer?.cancel()
    await Promise.all(modules.map(({ remote }) => remote.close()))
    if (this.#temporary && this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true })
    this.#folder = undefined
  }

  #poll(module: KnownModule): void {
    if (module.timer !== undefined || module.remote.pollMs <= 0) return
    module.timer = this.#options.clock.after(module.remote.pollMs, () => {
      void this.#refresh(module).then(() => {
        module.timer = undefined
        if (this.#isUsed(module)) this.#poll(module)
      })
    })
  }

  // A module that can't be fetched now stays as it was.
  async #refresh(module: KnownModule): Promise<void> {
    const fetched = await settled(module.remote.read())
    if (!this.#isUsed(module)) return
    if ('problem' in fetched)
      this.#options.log.error('a remote module cannot be read, the one from before is kept', {
        error: messageOf(fetched.problem),
      })
    else if (!isDeepStrictEqual(fetched, module.fetched)) {
      module.fetched = fetched
      this.#options.onChange()
    }
  }

  #isUsed(module: KnownModule): boolean {
    return [...this.#modules.values()].includes(module)
  }

  #ownFolder(): string {
    if (this.#folder !== undefined) return this.#folder
    const { storagePath } = this.#options
    this.#temporary = storagePath === undefined
    this.#folder =
      storagePath === undefined ? mkdtempSync(join(tmpdir(), 'logstream-')) : join(storagePath, 'modules')
    mkdirSync(this.#folder, { recursive: true })
    return this.#folder
  }
}

async function settled<T>(promise: Promise<T>): Promise<Fetched<T>> {
  return await promise.then(
    (value) => ({ value }),
    (problem: unknown) => ({ problem }),
  )
}

function withMaps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...(value as Map<string, unknown>)] : value
}
