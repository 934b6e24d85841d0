/** Stages of a component that can't be built: each is tried alone, so that all mistakes are reported at once. */
import type { Diagnostic } from '../../alloy/diagnostic.ts'
import { diagnosticsFor } from '../../component/origin.ts'
import type { StageSpec } from '../../component/fields.ts'
import type { ModuleFrame } from './frame.ts'
import type { BodyNode } from './module-body.ts'
import type { PlanEnv } from './plan-data.ts'

/** Builds each stage on its own and reports what is wrong with it. Returns `undefined`: the component isn't built. */
export function tryStages(
  decoded: ReadonlySet<StageSpec>,
  env: PlanEnv,
  { frame, node }: { readonly frame: ModuleFrame; readonly node: BodyNode },
  report: (diagnostic: Diagnostic) => void,
): undefined {
  if (decoded.size === 0) return
  const ctx = env.context(node.id, node.id, '/', frame.body.modulePath)
  for (const spec of decoded) {
    try {
      ctx.stages([spec]).close?.()
    } catch (error) {
      const at = { source: frame.body.source, range: node.block.range }
      for (const diagnostic of diagnosticsFor(error, spec.options, at)) report(diagnostic)
    }
  }
  ctx.metrics.close()
}

/** Collects stages as they are decoded, each without the stages inside of it: they are built as part of it. */
export function outermost(decoded: Set<StageSpec>): (spec: StageSpec) => void {
  return (spec) => {
    for (const inner of (spec.options['stage'] as readonly StageSpec[] | undefined) ?? [])
      decoded.delete(inner)
    decoded.add(spec)
  }
}
