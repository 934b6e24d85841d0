/** `npm run faults`: runs every fault, writes the table of docs/reliability.md, and fails unless all lines are accounted for. */
import { readFileSync, writeFileSync } from 'node:fs'
import { faults, runFault } from './faults.ts'

const PAGE = 'docs/reliability.md'

async function main(only: string | undefined): Promise<void> {
  const rows: string[] = []
  for (const fault of faults.filter(({ name }) => only === undefined || name.includes(only))) {
    const lacks = fault.lacks?.()
    if (lacks !== undefined) {
      process.stdout.write(`${fault.name}: skipped, ${lacks}\n`)
      process.exitCode = 1
      continue
    }
    const { lines, lost, twice, unaccounted } = await runFault(fault)
    const shown = [lines, lost, twice, unaccounted].map((figure) => figure.toLocaleString('en-US'))
    process.stdout.write(
      `${fault.name}: ${shown[0]} lines, ${shown[1]} lost, ${shown[2]} twice, ${shown[3]} unaccounted\n`,
    )
    rows.push(`| ${fault.name} | ${shown.join(' | ')} |`)
    if (lost > 0 || unaccounted > 0) process.exitCode = 1
  }
  if (only !== undefined || process.exitCode === 1) return
  const head = '| fault | lines | lost | sent twice | unaccounted |\n| --- | ---: | ---: | ---: | ---: |'
  const page = readFileSync(PAGE, 'utf8')
  const table = `<!-- npm run faults -->\n\n${head}\n${rows.join('\n')}\n\n<!-- end -->`
  writeFileSync(
    PAGE,
    page.replace(/<!-- npm run faults -->[^]*<!-- end -->/, () => table),
  )
}

await main(process.argv[2])
