/** The stages that a case is about: written in the case, or those of a `loki.process` in a real config. */
import { join } from 'node:path'
import { printDiagnostic, type Diagnostic } from '../alloy/diagnostic.ts'
import type { Value } from '../alloy/value.ts'
import type { Stability } from '../component/component.ts'
import type { StageSpec } from '../component/fields.ts'
import { readConfig } from '../run/modules/config-files.ts'
import { readPipeline } from '../run/plan/pipeline-text.ts'
import { findProcessComponents, processNamed } from '../run/plan/process-components.ts'
import type { TestCase } from './case.ts'

export interface PipelineEnv {
  /** What the expressions of a pipeline or config see. */
  readonly stdlib: ReadonlyMap<string, Value>
  readonly stability: Stability
  /** Where the configs of cases are looked for: the folder of the test file. */
  readonly folder: string
  /** Whether components of configs that aren't about logs are left out. */
  readonly logsOnly?: boolean
}

export interface CasePipeline {
  readonly specs: readonly StageSpec[]
  /** The errors as text; if there are any, there is nothing to run. */
  readonly refused: string
}

/** The stages of a case. Throws IO or BAD_INPUT when its config cannot be read or has no such component. */
export async function casePipeline(test: TestCase, env: PipelineEnv): Promise<CasePipeline> {
  if (test.config === undefined) {
    const { specs, diagnostics } = readPipeline({ name: test.name, text: test.pipeline ?? '' }, env.stdlib)
    return { specs, refused: errorsIn(diagnostics) }
  }
  const path = join(env.folder, test.config)
  const processes = await findProcessComponents({ ...env, config: () => readConfig(path) })
  const refused = errorsIn(processes.diagnostics)
  try {
    // Mistakes elsewhere in the config are for validate to tell: this is about one component.
    return { specs: processNamed(processes, test.component ?? '').specs, refused: '' }
  } catch (error) {
    if (refused === '') throw error
    return { specs: [], refused }
  }
}

function errorsIn(diagnostics: readonly Diagnostic[]): string {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .map((each) => printDiagnostic(each))
    .join('\n')
}
