/** Examples for the reference: configs as they are, stages with what they do to lines. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { labelText } from '../explain/render.ts'
import { readCases, type TestCase, type TestEntry } from '../pipeline-test/case.ts'

/** Where the examples of stages are: pipeline tests, each named as its stage. */
const STAGES = 'stages.test.yaml'

/** Markdown by the name of the component or stage; empty without the folder. */
export function readExamples(folder: string): ReadonlyMap<string, string> {
  if (!existsSync(folder)) return new Map()
  const configs = readdirSync(folder).filter((name) => name.endsWith('.alloy'))
  const cases = readCases(STAGES, readFileSync(join(folder, STAGES), 'utf8'))
  return new Map([
    ...configs.map((name): [string, string] => [
      name.replace(/\.alloy$/, ''),
      block('alloy', readFileSync(join(folder, name), 'utf8')),
    ]),
    ...cases.map((test): [string, string] => [test.name, stageExample(test)]),
  ])
}

function stageExample({ pipeline = '', input = [], expect = {} }: TestCase): string {
  const { entries = [], metrics = '' } = expect
  const lines = [
    ...input.map((entry) => `in   ${entryText(entry)}\n`),
    ...entries.map((entry) => `out  ${entryText(entry)}\n`),
  ]
  const counted = metrics === '' ? '' : `\n${metrics.replaceAll(/^#.*\n/gm, '')}`
  return `${block('alloy', pipeline)}\n${block('', lines.join('') + counted)}`
}

function entryText({ line, timestamp, labels, structured_metadata: metadata = {} }: TestEntry): string {
  const parts = [
    line.replaceAll('\n', '\\n').replaceAll('\u001b', '\\u001b'),
    ...(labels === undefined ? [] : [labelText(labels)]),
    ...Object.entries(metadata).map(([name, value]) => `${name}=${JSON.stringify(value)}`),
    ...(timestamp === undefined ? [] : [timestamp]),
  ]
  return parts.join('   ')
}

function block(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\`\n`
}
