/** The guides of docs/, which come with every package: a machine without the internet has them too. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_FOLDER } from '../version.ts'

const FOLDER = join(PACKAGE_FOLDER, 'docs')

/** Generated pages, and the list of all. */
const NO_GUIDES = ['api.md', 'index.md']

/** Their names, without `.md`. Empty where docs/ was left out. */
export function guides(): readonly string[] {
  if (!existsSync(FOLDER)) return []
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.md') && !NO_GUIDES.includes(file))
    .map((file) => file.slice(0, -'.md'.length))
    .sort()
}

/** A guide's Markdown, by its name with or without `.md`. */
export function guideNamed(name: string): string | undefined {
  const guide = name.replace(/\.md$/, '')
  return guides().includes(guide) ? readFileSync(join(FOLDER, `${guide}.md`), 'utf8') : undefined
}
