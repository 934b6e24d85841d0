/**
 * From a config text to the components it asks for: reads bodies, orders nodes, evaluates arguments, builds what
 * is new, and keeps what is running with equal arguments. Nothing is started and nothing that runs is touched, so a
 * plan with errors is simply thrown away. Load, validate, reload and changed exports all work this way.
 */
import type { Block } from '../../alloy/ast.ts'
import { errorAt, type Diagnostic } from '../../alloy/diagnostic.ts'
import { scopeOf, type Scope } from '../../alloy/evaluate.ts'
import { orderNodes } from '../../alloy/graph.ts'
import type { Value } from '../../alloy/value.ts'
import { INPUT_EXPORTS, type ComponentDefinition } from '../../component/component.ts'
import { OutOfReach } from '../../component/out-of-reach.ts'
import { decodeBody, type DecodeEnv } from '../../component/decode.ts'
import { diagnosticsFor, isPartial } from '../../component/origin.ts'
import type { Fields, OptionsOf, StageSpec } from '../../component/fields.ts'
import { adviceOn } from './advice.ts'
import { argumentFields, configBlocks, exportFields, foreachFields } from './config-blocks.ts'
import { extensionsIn, notInAlloy } from './extensions.ts'
import { instanceNames, templateOf } from './foreach.ts'
import { instanceArguments } from './instance-arguments.ts'
import { importDeclares, placeOfImport, REMOTE, type ModuleText } from '../modules/imports.ts'
import {
  findDeclared,
  readBody,
  type Body,
  type BodyNode,
  type Declared,
  type NameScope,
  type ReadEnv,
} from './module-body.ts'
import { endlessUse } from './endless-use.ts'
import { expressionsIn } from './expressions.ts'
import { leaveOut, leaveOutExports, onlyLogs } from './left-out.ts'
import { newFrame, newScope, templateFrame, type ModuleFrame } from './frame.ts'
import { outermost, tryStages } from './try-stages.ts'
import {
  checkArguments,
  edgesOf,
  isTemplate,
  isUnknown,
  reportCycle,
  reportMissing,
  type Naming,
} from './naming.ts'
import { fetchedValue, notRead, preparedExports } from './fetcher.ts'
import type { Plan, PlanEnv, PlannedComponent } from './plan-data.ts'
import type { WatchSettings } from '../../disk/watch-file.ts'

/** Plans the main config `body`. Never throws for what is written in it. */
export function planConfig(body: Body, env: PlanEnv): Plan {
  return new Planner(env).plan(body)
}

class Planner {
  readonly #env: PlanEnv
  readonly #naming: Naming
  readonly #diagnostics: Diagnostic[] = []
  readonly #components: PlannedComponent[] = []
  readonly #settings = new Map<string, Readonly<Record<string, unknown>>>()
  readonly #files: WatchSettings[] = []
  readonly #used = new Set<Declared>()
  readonly #reported = new Set<string>()
  /** Files and remote texts of the imports being read, outermost first. */
  readonly #importing: string[] = []

  constructor(env: PlanEnv) {
    this.#env = env
    this.#naming = { stdlib: env.stdlib, report: (diagnostic) => this.#report(diagnostic) }
  }

  plan(body: Body): Plan {
    const scope = newScope(undefined)
    this.#planFrame(newFrame(body, scope))
    this.#checkUnused(scope)
    return {
      components: this.#components,
      settings: this.#settings,
      files: this.#files,
      diagnostics: this.#diagnostics,
    }
  }

  // Two instances of one declare make the same mistake; it is reported once.
  readonly #report = (diagnostic: Diagnostic): void => {
    const { source, range, message } = diagnostic
    const key = `${source.name}:${range.start}:${message}`
    if (this.#reported.has(key)) return
    this.#reported.add(key)
    this.#diagnostics.push(diagnostic)
  }

  // An unused declare is still checked, as far as that is possible without its arguments.
  #checkUnused(scope: NameScope): void {
    for (const declared of scope.declares.values()) {
      if (this.#used.has(declared)) continue
      const inner = newScope(declared.scope)
      this.#planFrame(newFrame(declared.body, inner, { within: [declared], check: true }))
      this.#checkUnused(inner)
    }
  }

  #planFrame(frame: ModuleFrame): void {
    const nodes = readBody(frame.body, frame.scope, this.#readEnv())
    const byId = new Map(nodes.map((node) => [node.id, node]))
    const edges = new Map(nodes.map((node) => [node.id, edgesOf(frame, node, nodes, this.#naming)]))
    const { order, cycles } = orderNodes([...byId.keys()], edges)
    const cyclic = new Set(cycles.flat())
    for (const cycle of cycles) for (const id of cycle) reportCycle(frame, byId.get(id)!, cycle, this.#report)
    if (frame.path.length > 0 || frame.check) checkArguments(frame, nodes, this.#report)
    for (const id of order) {
      if (cyclic.has(id)) frame.unknown.add(id)
      else if (!this.#env.logsOnly || !leaveOut(frame, byId.get(id)!, this.#report))
        this.#planNode(frame, byId.get(id)!, nodes)
    }
    for (const { kind, path } of nodes)
      if (kind === 'export' && !frame.exports.has(path.at(-1)!)) frame.failedExports.add(path.at(-1)!)
  }

  #readEnv(): ReadEnv {
    const { components, stability, logsOnly } = this.#env
    return { components, stability, report: this.#report, logsOnly: logsOnly ? onlyLogs : undefined }
  }

  #planNode(frame: ModuleFrame, node: BodyNode, nodes: readonly BodyNode[]): void {
    switch (node.kind) {
      case 'outside':
        return
      case 'component':
        return this.#planComponent(frame, node, node.definition!)
      case 'custom':
        return this.#planInstance(frame, node)
      case 'import':
        return this.#planImport(frame, node)
      case 'argument':
        return this.#planArgument(frame, node)
      case 'export':
        return this.#planExport(frame, node)
      case 'foreach':
        return this.#planForeach(frame, node, nodes)
      case 'config':
        return this.#planSettings(frame, node)
    }
  }

  #planSettings(frame: ModuleFrame, node: BodyNode): void {
    const { name, range } = node.block
    const { fields, check } = configBlocks.get(name)!
    const options = this.#decode(frame, node.block, fields)
    if (options === undefined) return
    this.#settings.set(name, options)
    if (this.#env.alloyOnly === true)
      for (const found of extensionsIn(options, fields, this.#env.stages)) this.#report(found)
    if (isPartial(options)) return
    try {
      check?.(options)
    } catch (error) {
      for (const found of diagnosticsFor(error, options, { source: frame.body.source, range }))
        this.#report(found)
    }
  }

  #decode(
    frame: ModuleFrame,
    block: Block,
    fields: Fields,
    decoded = new Set<StageSpec>(),
  ): Readonly<Record<string, unknown>> | undefined {
    const env = { ...this.#decodeEnv(frame), decodedStage: outermost(decoded) }
    return decodeBody(block.body, fields, block.range, env)
  }

  #decodeEnv(frame: ModuleFrame): DecodeEnv {
    return {
      source: frame.body.source,
      scope: this.#valueScope(frame),
      stages: this.#env.stages,
      report: this.#report,
      skip: (expression) => isUnknown(frame, expression, this.#env.stdlib),
    }
  }

  #valueScope(frame: ModuleFrame): Scope {
    frame.names.set(['module_path'], frame.body.modulePath)
    return scopeOf(frame.names.values, scopeOf(this.#env.stdlib))
  }

  #planComponent(frame: ModuleFrame, node: BodyNode, definition: ComponentDefinition): void {
    const fullId = [...frame.path, node.id].join('/')
    const componentPath = `/${frame.path.join('/')}`
    const [input, type] = Object.entries(INPUT_EXPORTS).find(([name]) => name in definition.exports) ?? []
    const takesEntries = input !== undefined
    if (takesEntries && !frame.check)
      frame.names.set([...node.path, input], {
        kind: 'capsule',
        type: type!,
        data: this.#env.receiver(fullId),
        text: `${fullId}.${input}`,
      })
    const decoded = new Set<StageSpec>()
    const options = this.#decode(frame, node.block, definition.fields, decoded)
    if (this.#env.alloyOnly === true)
      for (const found of notInAlloy(node.block, frame.body.source, definition, options, this.#env.stages))
        this.#report(found)
    const at = { source: frame.body.source, range: node.block.range }
    for (const found of adviceOn(definition, options, at)) this.#report(found)
    const built =
      options === undefined || isPartial(options) || frame.check
        ? tryStages(decoded, this.#env, { frame, node }, this.#report)
        : this.#build(frame, node, fullId, componentPath, options)
    if (built === undefined) {
      // Its receiver can still be referred to, so that an error in a sink doesn't hide those upstream.
      if (!takesEntries || frame.check) frame.unknown.add(node.id)
      return
    }
    frame.names.open(node.path)
    for (const [name, value] of built.exports) frame.names.set([...node.path, name], value)
    const declared = { ...at, references: frame.references.get(node.id)! }
    const ids = { fullId, id: node.id, componentPath }
    this.#components.push({ ...ids, definition, options: options!, declared, ...built.planned })
  }

  #build(
    frame: ModuleFrame,
    node: BodyNode,
    fullId: string,
    componentPath: string,
    options: Readonly<Record<string, unknown>>,
  ):
    | {
        exports: ReadonlyMap<string, Value>
        planned: Pick<PlannedComponent, 'component' | 'fresh' | 'ctx'>
      }
    | undefined {
    const definition = node.definition!
    const running = this.#env.running(fullId)
    const same = running?.definition === definition && this.#env.same(running.options, options)
    if (same)
      return {
        exports: running.exports,
        planned: { component: running.component, fresh: false, ctx: running.ctx },
      }
    const ctx = this.#env.context(fullId, node.id, componentPath, frame.body.modulePath, frame.quiet)
    try {
      const prepared = preparedExports(this.#env.fetches, fullId, definition, options, ctx)
      if (prepared === undefined) {
        ctx.metrics.close()
        return undefined
      }
      const component = definition.create(options, ctx, fetchedValue(prepared))
      const exports =
        running?.definition === definition && component.update !== undefined
          ? running.exports
          : component.exports
      return {
        exports: exports ?? new Map<string, Value>(),
        planned: { component, fresh: true, ctx },
      }
    } catch (error) {
      ctx.metrics.close()
      const at = { source: frame.body.source, range: node.block.range }
      const missed = this.#env.checking === true && error instanceof OutOfReach
      for (const found of diagnosticsFor(error, options, at))
        this.#report(missed ? notRead(node.id, found) : found)
      return undefined
    }
  }

  #planForeach(frame: ModuleFrame, node: BodyNode, nodes: readonly BodyNode[]): void {
    const { source } = frame.body
    const template = templateOf(node.block, source, this.#report)
    const head = { ...node.block, body: node.block.body.filter((each) => !isTemplate(each)) }
    const options = this.#decode(frame, head, foreachFields) as OptionsOf<typeof foreachFields> | undefined
    if (template === undefined || options === undefined) return
    const { collection, var: variable, enable_metrics: shown } = options
    const body: Body = { ...frame.body, statements: template.body, place: 'template' }
    const unknown = frame.check || isPartial(options) || collection.length === 0
    const names = unknown ? [''] : instanceNames(collection, options)
    for (const [i, name] of names.entries()) {
      const inner = templateFrame(frame, body, {
        id: [node.id, name],
        variable,
        value: unknown ? undefined : collection[i]!,
        outer: nodes,
        quiet: !shown,
      })
      this.#planFrame(inner)
      this.#checkUnused(inner.scope)
    }
  }

  #planInstance(frame: ModuleFrame, node: BodyNode): void {
    const declared = findDeclared(frame.scope, node.block.name)
    if (declared === undefined || declared === null) {
      if (frame.check) return void frame.unknown.add(node.id)
      this.#report(
        errorAt(
          frame.body.source,
          node.block.nameRange,
          `the import has no declare for "${node.block.name}", or could not be read`,
        ),
      )
      frame.unknown.add(node.id)
      return
    }
    this.#used.add(declared)
    const endless = endlessUse(node.block.name, declared, frame.within)
    if (endless !== undefined) {
      this.#report(errorAt(frame.body.source, node.block.nameRange, endless))
      return void frame.unknown.add(node.id)
    }
    const inner = newFrame(declared.body, newScope(declared.scope), {
      path: [...frame.path, node.id],
      within: [...frame.within, declared],
      args: instanceArguments(
        node.block,
        frame.body.source,
        (block, fields) => this.#decode(frame, block, fields),
        this.#report,
      ),
      check: frame.check,
      quiet: frame.quiet,
      instance: { source: frame.body.source, block: node.block },
    })
    this.#planFrame(inner)
    this.#checkUnused(inner.scope)
    if (frame.check) return void frame.unknown.add(node.id)
    frame.names.open(node.path)
    leaveOutExports(frame, node, inner)
    for (const name of inner.failedExports) frame.unknown.add(`${node.id}.${name}`)
    for (const [name, value] of inner.exports) frame.names.set([...node.path, name], value)
  }

  #planArgument(frame: ModuleFrame, node: BodyNode): void {
    const name = node.path.at(-1)!
    const options = this.#decode(frame, node.block, argumentFields)
    if (options === undefined || frame.check) return void frame.unknown.add(node.id)
    if (frame.args.unknown.has(name)) return void frame.unknown.add(node.id)
    const given = frame.args.values.get(name)
    if (given === undefined && options['optional'] !== true) {
      reportMissing(frame, node, name, this.#report)
      return void frame.unknown.add(node.id)
    }
    frame.names.set(['argument', name, 'value'], given === undefined ? (options['default'] as Value) : given)
  }

  #planExport(frame: ModuleFrame, node: BodyNode): void {
    const options = this.#decode(frame, node.block, exportFields)
    if (options !== undefined && !this.#skipped(frame, node))
      frame.exports.set(node.path.at(-1)!, options['value'] as Value)
  }

  #skipped(frame: ModuleFrame, node: BodyNode): boolean {
    return expressionsIn(node.block.body).some((expression) => isUnknown(frame, expression, this.#env.stdlib))
  }

  #planImport(frame: ModuleFrame, node: BodyNode): void {
    const { name: kind, range } = node.block
    const { source } = frame.body
    const options = this.#decode(frame, node.block, configBlocks.get(kind)!.fields)
    if (options === undefined || this.#skipped(frame, node)) return
    const place = placeOfImport(kind, options)
    if (place !== '' && this.#importing.includes(place)) {
      const message = `${node.id}: ${place} is being imported already: modules can't import each other in a cycle`
      return this.#report(errorAt(source, range, message))
    }
    let texts: readonly ModuleText[] | undefined
    if (REMOTE.has(kind)) {
      const fetched = this.#env.fetches.modules(kind, options)
      if (fetched === undefined) return
      if ('problem' in fetched) {
        for (const found of diagnosticsFor(fetched.problem, options, { source, range })) this.#report(found)
        return
      }
      texts = fetched.value
    }
    this.#importing.push(place)
    const result = importDeclares({
      kind,
      label: node.path.at(-1)!,
      options,
      modulePath: frame.body.modulePath,
      files: this.#env.files,
      texts,
      read: (body, scope) => this.#readImported(body, scope),
    })
    this.#importing.pop()
    this.#files.push(...result.watch)
    if (result.problem !== undefined) this.#report(errorAt(source, range, result.problem))
    for (const diagnostic of result.diagnostics) this.#report(diagnostic)
    frame.scope.imports.set(node.path.at(-1)!, result.declares)
  }

  // Enters the declares and imports of an imported file. Its imports are read at once, since nothing in it has a value.
  #readImported(body: Body, scope: NameScope): void {
    const frame = newFrame(body, scope)
    const nodes = readBody(body, scope, this.#readEnv())
    for (const node of nodes) if (node.kind === 'import') this.#planImport(frame, node)
  }
}
