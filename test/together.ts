/**
 * Runs the test files of one folder in this process, one after the other: `node dist/test/together.js FOLDER`. A process
 * of its own costs a file 0.7 s of CPU, tap and the modules that all of them load, which is more than most tests take.
 */
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const folder = process.argv[2]!
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.test.js'))
  .sort()
for (const file of files) await import(pathToFileURL(resolve(join(folder, file))).href)
