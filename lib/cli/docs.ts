/** `logstream docs`: the reference of components, stages and blocks, in the terminal or as pages. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nearest } from '../alloy/nearest.ts'
import { readExamples } from '../docs/examples.ts'
import { guideNamed, guides } from '../docs/guides.ts'
import { pagesOf } from '../docs/markdown.ts'
import { referenceNamed, references, type Reference } from '../docs/reference.ts'
import { listText, referenceText } from '../docs/text.ts'
import { LogstreamError } from '../errors.ts'
import { refusal } from '../components/unavailable.ts'
import { readArgs } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT } from './io.ts'
import { mayColour } from './colour.ts'

const FLAGS: Flags = {
  json: { doc: 'as JSON' },
  write: { value: 'DIR', takes: 'folder', doc: 'write the whole reference to DIR as Markdown pages' },
}

export const docsCommand: Command = {
  usage: ['logstream docs [NAME]'],
  about: `
Describes a component (loki.write), a stage (stage.regex, or just regex) or a block
(logging, import.file): its arguments with types and defaults, and its exports. Or
prints a guide: logstream docs troubleshooting. Without NAME it lists all of them.`,
  flags: FLAGS,
  words: () => [...references().map(({ name }) => name), ...guides()],
  run: async (args, io) => {
    const given = readArgs('docs', args, FLAGS)
    const folder = given.text('write')
    const [name] = given.words
    if (given.words.length > 1 || (folder !== undefined && name !== undefined))
      throw new LogstreamError('BAD_USAGE', 'docs takes one NAME. See: logstream docs --help')
    if (folder !== undefined) {
      writePages(folder)
      return EXIT.ok
    }
    const guide = name === undefined || referenceNamed(name) !== undefined ? undefined : guideNamed(name)
    if (guide !== undefined) {
      io.stdout.write(guide)
      return EXIT.ok
    }
    const options = { colour: mayColour(io), width: Math.min(io.stdout.columns ?? 100, 100) }
    const found = name === undefined ? references() : find(name)
    if (given.flag('json')) io.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
    else
      io.stdout.write(
        'name' in found ? referenceText(found, options) : listText(found, guideNames(), options),
      )
    return EXIT.ok
  },
}

function find(name: string): Reference {
  const found = referenceNamed(name)
  if (found !== undefined) return found
  const refused = refusal(name)
  if (refused !== undefined) throw new LogstreamError('BAD_USAGE', refused)
  const near = nearest(name, [
    ...references().flatMap((each) => [each.name, each.name.replace(/^stage\./, '')]),
    ...guides(),
  ])
  const hint = near === undefined ? '' : ` Did you mean ${near}?`
  throw new LogstreamError('BAD_USAGE', `there is no "${name}".${hint} See: logstream docs`)
}

/** The names of the guides; `.md` tells one from a stage or block of that name. */
function guideNames(): string[] {
  return guides().map((name) => (referenceNamed(name) === undefined ? name : `${name}.md`))
}

function writePages(folder: string): void {
  const pages = pagesOf(references(), readExamples(join(folder, 'examples')))
  mkdirSync(folder, { recursive: true })
  for (const name of readdirSync(folder))
    if (name.endsWith('.md') && !pages.has(name)) rmSync(join(folder, name))
  for (const [name, text] of pages) writeFileSync(join(folder, name), text)
}
