/** The pages of docs/reference: one for each component, one for all stages, one for the blocks, and the overview. */
import { notYet, unavailable } from '../components/unavailable.ts'
import type { AttributeReference, BlockReference, Reference, ReferenceBody } from './reference.ts'
import { allowedText, blockNotes } from './text.ts'

/** File names and texts. */
export type Pages = ReadonlyMap<string, string>

const MADE = '<!-- Made from the definitions in the code by `npm run docs`: change those. -->'

/** All pages of the reference. `examples`: Markdown by name. */
export function pagesOf(all: readonly Reference[], examples: ReadonlyMap<string, string> = new Map()): Pages {
  const of = (kind: Reference['kind']): Reference[] => all.filter((each) => each.kind === kind)
  return new Map([
    ['components.md', overview(all)],
    ['stages.md', collection('Stages', STAGES_INTRO, of('stage'), examples)],
    ['blocks.md', collection('Blocks', BLOCKS_INTRO, of('block'), examples)],
    ...of('component').map((each): [string, string] => [`${each.name}.md`, page(each, examples)]),
  ])
}

const STAGES_INTRO =
  'Blocks of a [loki.process](loki.process.md), in any order and number; entries go through them from top to bottom. `logstream docs stage.NAME` shows the same.'
const BLOCKS_INTRO = 'Blocks of a config other than components.'

function overview(all: readonly Reference[]): string {
  const row = ({ name, summary, stability, extension }: Reference, link: string): string =>
    `| [${name}](${link}) | ${cell(summary)} | ${[stability, ...(extension ? ['extension'] : []), ...(notYet(name) === undefined ? [] : ['not yet'])].join(', ')} |`
  const table = (kind: Reference['kind'], link: (name: string) => string): string[] => [
    '| name | what it does | stability |',
    '| --- | --- | --- |',
    ...all.filter((each) => each.kind === kind).map((each) => row(each, link(each.name))),
    '',
  ]
  return text([
    MADE,
    '# Reference',
    '',
    'Everything a config may hold. An *extension* is something that Grafana Alloy does not have.',
    '',
    '## Components',
    '',
    ...table('component', (name) => `${name}.md`),
    '## Stages',
    '',
    ...table('stage', (name) => `stages.md#${anchor(name)}`),
    '## Blocks',
    '',
    ...table('block', (name) => `blocks.md#${anchor(name)}`),
    '## Not available',
    '',
    'Components of Alloy that logstream does not have. `validate` and `run` refuse a config with one of them, with this advice.',
    '',
    '| name | instead |',
    '| --- | --- |',
    ...unavailable.map(
      ({ names, instead }) =>
        `| ${names.map((name) => `${name}${name.endsWith('.') ? '*' : ''}`).join(', ')} | ${cell(instead)} |`,
    ),
  ])
}

function collection(
  title: string,
  intro: string,
  references: readonly Reference[],
  examples: ReadonlyMap<string, string>,
): string {
  return text([
    MADE,
    `# ${title}`,
    '',
    intro,
    '',
    ...references.flatMap((each) => [`## ${each.name}`, '', ...described(each, 3, examples.get(each.name))]),
  ])
}

function page(reference: Reference, examples: ReadonlyMap<string, string>): string {
  const example = examples.get(reference.name)
  return text([MADE, `# ${reference.name}`, '', ...described(reference, 2, example)])
}

function described(reference: Reference, level: number, example: string | undefined): string[] {
  const { name, summary, stability, extension, labelled, exports, body } = reference
  const refused = notYet(name)
  const notes = [
    ...(refused === undefined
      ? []
      : [`**Its arguments are checked, but it cannot run yet:** ${cell(refused)}.`]),
    ...(stability === 'generally-available' ? [] : [`Needs \`--stability.level=${stability}\`.`]),
    ...(extension ? ['An extension: Alloy does not have it.'] : []),
  ]
  return [
    [summary, ...notes].join(' '),
    '',
    '```alloy',
    `${name}${labelled ? ' "LABEL"' : ''} {${body.attributes.some(({ required }) => required) ? '' : ' }'}`,
    ...required(body),
    '```',
    '',
    ...(example === undefined ? [] : ['For example:', '', example]),
    ...bodyText(body, '', level),
    ...(exports.length === 0
      ? []
      : [
          `${'#'.repeat(level)} Exports`,
          '',
          '| name | what it is |',
          '| --- | --- |',
          ...exports.map((each) => `| \`${each.name}\` | ${cell(each.doc)} |`),
          '',
        ]),
  ]
}

function required({ attributes }: ReferenceBody): string[] {
  const needed = attributes.filter((each) => each.required)
  if (needed.length === 0) return []
  const longest = Math.max(...needed.map(({ name }) => name.length))
  return [...needed.map(({ name }) => `\t${name.padEnd(longest)} = ...`), '}']
}

function bodyText({ attributes, blocks }: ReferenceBody, path: string, level: number): string[] {
  return [
    ...(attributes.length === 0
      ? []
      : [
          '| argument | type | default | what it does |',
          '| --- | --- | --- | --- |',
          ...attributes.map(attributeRow),
          '',
        ]),
    ...blocks.flatMap((block) => blockText(block, path, level)),
  ]
}

function attributeRow({
  name,
  type,
  required: needed,
  default: fallback,
  allowed,
  doc,
}: AttributeReference): string {
  const value = needed ? '*required*' : fallback === undefined ? '' : code(fallback)
  const one = allowed.length === 0 ? '' : ` One of ${code(allowedText(allowed))}.`
  return `| \`${name}\` | ${code(type)} | ${value} | ${cell(doc)}${one} |`
}

function blockText(block: BlockReference, path: string, level: number): string[] {
  const name = `${path}${block.name}`
  const notes = blockNotes(block)
  const stages = block.name === 'stage.*' ? ' See [stages](stages.md).' : ''
  return [
    `${'#'.repeat(Math.min(level, 6))} ${name}${block.labelled ? ' "LABEL"' : ''}`,
    '',
    `${cell(block.doc)}${notes.length > 0 ? ` (${notes.join(', ')})` : ''}${stages}`,
    '',
    ...bodyText(block.body, `${name} > `, level + 1),
  ]
}

// In a cell of a table a bar would end it, also inside of code.
function code(text: string): string {
  return text.includes('`') ? cell(text) : `\`${text.replaceAll('|', '\\|')}\``
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replace(/\*|__/g, (mark) => `\\${[...mark].join('\\')}`)
}

// As GitHub makes them: lower case, dots left out.
function anchor(name: string): string {
  return name.toLowerCase().replaceAll('.', '')
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n').trimEnd()}\n`
}
