/** Parts of a template as Go prints them in messages: one space between words, strings as they are written. */
import type { Command, Node, Operand, Pipeline, TemplateTree } from './tree.ts'

export function textOf(operand: Operand): string {
  switch (operand.kind) {
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'bool':
      return String(operand.value)
    case 'string':
    case 'number':
      return operand.text
    case 'function':
      return operand.name
    case 'field':
      return `.${operand.names.join('.')}`
    case 'variable':
      return [operand.name, ...operand.names].join('.')
    case 'chain':
      return `${textOf(operand.operand)}.${operand.names.join('.')}`
    case 'pipeline':
    default:
      return `(${pipelineText(operand)})`
  }
}

function pipelineText({ declares, assigns, commands }: Pipeline): string {
  const names = declares.length === 0 ? '' : `${declares.join(', ')} ${assigns ? '=' : ':='} `
  return names + commands.map(commandText).join(' | ')
}

function commandText({ operands }: Command): string {
  return operands.map(textOf).join(' ')
}

/** What begins at an offset: a whole command, or only its first word; '' where nothing does. */
export function textAt({ root, defined }: TemplateTree, at: number, wanted: 'command' | 'word'): string {
  for (const nodes of [root, ...defined.values()])
    for (const pipeline of pipelinesOf(nodes))
      for (const command of commandsOf(pipeline)) {
        if (wanted === 'command' && command.operands[0].at === at) return commandText(command)
        const word = command.operands.find((each) => each.at === at && each.kind !== 'pipeline')
        if (word !== undefined) return textOf(word)
      }
  return ''
}

function* pipelinesOf(nodes: readonly Node[]): Generator<Pipeline> {
  for (const node of nodes) {
    if ('pipeline' in node && node.pipeline !== undefined) yield node.pipeline
    if (node.kind !== 'if' && node.kind !== 'with' && node.kind !== 'range') continue
    yield* pipelinesOf(node.body)
    yield* pipelinesOf(node.otherwise ?? [])
  }
}

// Inner ones first: they begin where the outer ones do only when they are the whole word.
function* commandsOf(pipeline: Pipeline): Generator<Command> {
  for (const command of pipeline.commands) {
    for (const operand of command.operands) {
      const inner = operand.kind === 'chain' ? operand.operand : operand
      if (inner.kind === 'pipeline') yield* commandsOf(inner)
    }
    yield command
  }
}
