/**
 * Runs test files in this process, one after the other: `TEST_FILES="FILE FILE..." node dist/test/together.js FOLDER`. A
 * process of its own costs a file 0.7 s of CPU, tap and the modules that all of them load, which is more than most tests
 * take. tap calls folders of tests after the arguments, and a list of files would make a name that no disk takes.
 */
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'

// Without a test that waits for them, tap takes the tests of the first files for all that there are.
let loaded: (() => void) | undefined
void t.test('the files are loaded', () => new Promise<void>((resolve) => (loaded = resolve)))
for (const file of process.env['TEST_FILES']!.split(' ')) await import(pathToFileURL(resolve(file)).href)
loaded?.()
