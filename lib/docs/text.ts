/** The reference of one thing, or the list of all, for a terminal. */
import { penOf, type Pen } from '../formats/pen.ts'
import { notYet } from '../components/unavailable.ts'
import type {
  AttributeReference,
  BlockReference,
  Reference,
  ReferenceBody,
  ReferenceKind,
} from './reference.ts'

export interface TextOptions {
  readonly colour: boolean
  /** Columns of the terminal. */
  readonly width: number
}

/** The whole reference of one thing. */
export function referenceText(reference: Reference, { colour, width }: TextOptions): string {
  const pen = penOf(colour)
  const { name, summary, labelled, exports, body } = reference
  const head = `${pen('bold', name)}${labelled ? ' "LABEL"' : ''}  ${pen('dim', notesOf(reference).join(', '))}`
  const lines = [head, ...wrapped(summary, 0, width), '', ...bodyLines(body, 0, pen, width)]
  if (exports.length > 0) {
    const longest = Math.max(...exports.map((each) => each.name.length))
    lines.push(
      pen('bold', 'Exports'),
      ...exports.map((each) => `  ${pen('cyan', each.name.padEnd(longest))}  ${each.doc}`),
      '',
    )
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** Notes on a thing, besides its summary. */
export function notesOf({ kind, name, stability, extension }: Reference): string[] {
  return [
    kind,
    stability,
    ...(extension ? ['extension: Alloy does not have it'] : []),
    ...(notYet(name) === undefined ? [] : [`cannot run yet: ${notYet(name)}`]),
  ]
}

const TITLES: Readonly<Record<ReferenceKind, string>> = {
  component: 'Components',
  stage: 'Stages of loki.process',
  block: 'Blocks',
}

/** All names with their summaries, and those of the guides. */
export function listText(
  all: readonly Reference[],
  guides: readonly string[],
  { colour, width }: TextOptions,
): string {
  const pen = penOf(colour)
  const longest = Math.max(...all.map(({ name }) => name.length))
  const lines = (Object.keys(TITLES) as ReferenceKind[]).flatMap((kind) => [
    pen('bold', TITLES[kind]),
    ...all
      .filter((each) => each.kind === kind)
      .map(({ name, summary }) => {
        const [first = '', ...rest] = wrapped(summary, longest + 4, width)
        return [`  ${pen('cyan', name.padEnd(longest))}  ${first.trimStart()}`, ...rest].join('\n')
      }),
    '',
  ])
  if (guides.length > 0) lines.push(pen('bold', 'Guides'), ...wrapped(guides.join(', '), 2, width), '')
  return `${lines.join('\n')}\nSee one in full: logstream docs NAME\n`
}

function bodyLines({ attributes, blocks }: ReferenceBody, indent: number, pen: Pen, width: number): string[] {
  const pad = ' '.repeat(indent)
  const lines: string[] = []
  if (attributes.length > 0) {
    lines.push(`${pad}${pen('bold', 'Arguments')}`)
    for (const each of attributes) lines.push(...attributeLines(each, indent + 2, pen, width))
    lines.push('')
  }
  if (blocks.length > 0) {
    lines.push(`${pad}${pen('bold', 'Blocks')}`)
    for (const each of blocks) lines.push(...blockLines(each, indent + 2, pen, width))
  }
  return lines
}

function attributeLines(attribute: AttributeReference, indent: number, pen: Pen, width: number): string[] {
  const { name, type, required, default: fallback, allowed, doc } = attribute
  const note = required ? 'required' : fallback === undefined ? '' : `= ${fallback}`
  const lines = [`${' '.repeat(indent)}${pen('cyan', name)}  ${pen('dim', `${type}  ${note}`.trimEnd())}`]
  lines.push(...wrapped(doc, indent + 4, width))
  if (allowed.length > 0) lines.push(...wrapped(`One of ${allowedText(allowed)}.`, indent + 4, width))
  return lines
}

/** The texts that an attribute takes, quoted. */
export function allowedText(allowed: readonly string[]): string {
  return allowed.map((text) => JSON.stringify(text)).join(', ')
}

function blockLines(block: BlockReference, indent: number, pen: Pen, width: number): string[] {
  const label = block.labelled ? ' "LABEL"' : ''
  const pad = ' '.repeat(indent)
  return [
    `${pad}${pen('cyan', block.name)}${label} { ... }  ${pen('dim', blockNotes(block).join(', '))}`.trimEnd(),
    ...wrapped(block.doc, indent + 4, width),
    ...bodyLines(block.body, indent + 4, pen, width),
  ]
}

/** How often a block may stand, and where it comes from. */
export function blockNotes({ required, repeated, extension }: BlockReference): string[] {
  return [
    ...(required ? ['required'] : []),
    ...(repeated ? ['any number'] : []),
    ...(extension ? ['extension'] : []),
  ]
}

function wrapped(text: string, indent: number, width: number): string[] {
  const pad = ' '.repeat(indent)
  const room = Math.max(30, width - indent)
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(pad + line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(pad + line)
  return lines
}
