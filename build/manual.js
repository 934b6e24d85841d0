/** A part of `npm run build`: writes the manual page, dist/man/logstream.1, from the compiled table of commands. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { commands } from '../dist/lib/cli/commands.js'
import { manualPage } from '../dist/lib/cli/manual.js'

const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
mkdirSync('dist/man', { recursive: true })
writeFileSync('dist/man/logstream.1', await manualPage(commands, version))
