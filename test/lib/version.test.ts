import { readFileSync } from 'node:fs'
import t from 'tap'
import { VERSION } from '../../lib/version.ts'

void t.test('the version is that of the package', (tap) => {
  tap.equal(VERSION, (JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }).version)
  tap.end()
})
