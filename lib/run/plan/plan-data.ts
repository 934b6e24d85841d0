/** What planning takes, and what it returns. */
import type { Diagnostic } from '../../alloy/diagnostic.ts'
import type { Range, Source } from '../../alloy/source.ts'
import type { Value } from '../../alloy/value.ts'
import type {
  Component,
  ComponentContext,
  ComponentDefinition,
  Receiver,
  Stability,
} from '../../component/component.ts'
import type { KnownStage } from '../../component/decode.ts'
import type { WatchSettings } from '../../disk/watch-file.ts'
import type { Fetches } from './fetcher.ts'
import type { ModuleFiles } from '../modules/imports.ts'

/** A component that the config asks for. */
export interface PlannedComponent {
  /** Module path and id: `transactions.pipeline.prod/loki.process.seed`. */
  readonly fullId: string
  readonly id: string
  /** `/` for the main config, `/transactions.pipeline.prod` in a module. */
  readonly componentPath: string
  readonly definition: ComponentDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly component: Component
  /** Whether `component` was built for this plan; else it is the one that runs already. */
  readonly fresh: boolean
  /** What it was built with; the metrics in it are closed with it. */
  readonly ctx: ComponentContext
  readonly declared: Declaration
}

/** Where a component is declared, and what it refers to there. */
export interface Declaration {
  readonly source: Source
  readonly range: Range
  /** Full ids of components of the same body whose exports its arguments use. */
  readonly references: readonly string[]
}

export interface Plan {
  /** Dependencies first: sinks before what forwards to them. */
  readonly components: readonly PlannedComponent[]
  /** Options of the config blocks of the main config, by name. */
  readonly settings: ReadonlyMap<string, Readonly<Record<string, unknown>>>
  /** Files and folders to make a new plan after a change of. */
  readonly files: readonly WatchSettings[]
  readonly diagnostics: readonly Diagnostic[]
}

/** A running component, which a plan may keep. */
export interface Running {
  readonly definition: ComponentDefinition
  readonly options: Readonly<Record<string, unknown>>
  readonly component: Component
  readonly exports: ReadonlyMap<string, Value>
  readonly ctx: ComponentContext
}

export interface PlanEnv {
  readonly components: ReadonlyMap<string, ComponentDefinition>
  readonly stages: ReadonlyMap<string, KnownStage>
  readonly stability: Stability
  readonly stdlib: ReadonlyMap<string, Value>
  readonly files: ModuleFiles
  /** Whatever is on other machines. */
  readonly fetches: Fetches
  /** Whether anything Alloy doesn't have is a mistake. */
  readonly alloyOnly?: boolean
  /** Whether what isn't about logs is left out. */
  readonly logsOnly?: boolean
  /** Whether nothing will run: values that are out of reach from here are left unknown. */
  readonly checking?: boolean
  /** The receiver of a component: the same object for one id as long as the process lives. */
  readonly receiver: (fullId: string) => Receiver
  readonly running: (fullId: string) => Running | undefined
  readonly context: (
    fullId: string,
    id: string,
    componentPath: string,
    modulePath: string,
    /** Its metrics are hidden. */
    quiet?: boolean,
  ) => ComponentContext
  /** Whether two decoded options mean the same. */
  readonly same: (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>) => boolean
}

/** Closes everything that was built for a plan that isn't used. */
export async function discard(plan: Plan): Promise<void> {
  for (const planned of plan.components) if (planned.fresh) await release(planned)
}

/** Closes a component that was built and never started. */
export async function release(planned: PlannedComponent): Promise<void> {
  planned.component.output?.destroy()
  planned.component.input?.destroy()
  await planned.component.close?.()
  planned.ctx.metrics.close()
}
