/** The fault table of docs/reliability.md has every fault, and nothing lost. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { faults } from '../faults/faults.ts'

void t.test('the table is of these faults', (tap) => {
  const rows = [...readFileSync('docs/reliability.md', 'utf8').matchAll(/^\| (.*) \|$/gm)]
    .map(([, row]) => row!.split(' | '))
    .slice(2)
  tap.same(
    rows.map(([name]) => name),
    faults.map(({ name }) => name),
    'run: npm run faults',
  )
  for (const [name = '', , lost, , unaccounted] of rows) tap.same([lost, unaccounted], ['0', '0'], name)
  tap.end()
})
