/**
 * `npm run faults [-- NAME]`: runs every fault, writes the table of docs/reliability.md, and fails unless all lines are accounted
 * for. Alloy, Vector and Fluent Bit get a column each where they are on the PATH; with a NAME only the faults that have it in
 * theirs run, and nothing is written.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { faults, runFault, type Fault } from './faults.ts'
import { peersOnPath, type Peer } from './programs.ts'

const PAGE = 'docs/reliability.md'

async function main(only: string | undefined): Promise<void> {
  const peers = peersOnPath()
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
    for (const peer of peers) shown.push(await outcome(fault, peer))
    rows.push(`| ${fault.name} | ${shown.join(' | ')} |`)
    if (lost > 0 || unaccounted > 0) process.exitCode = 1
  }
  if (only !== undefined || process.exitCode === 1) return
  const columns = ['lines', 'lost', 'sent twice', 'unaccounted', ...peers.map(({ name }) => name)]
  const head = `| fault | ${columns.join(' | ')} |\n| --- |${' ---: |'.repeat(columns.length)}`
  const page = readFileSync(PAGE, 'utf8')
  const table = `<!-- npm run faults -->\n\n${head}\n${rows.join('\n')}\n\n<!-- end -->`
  writeFileSync(
    PAGE,
    page.replace(/<!-- npm run faults -->[^]*<!-- end -->/, () => table),
  )
}

/** A peer's cell. */
async function outcome(fault: Fault, peer: Peer): Promise<string> {
  if (fault.own === true) return ''
  const { lost, twice } = await runFault(fault, peer)
  const text = `${lost.toLocaleString('en-US')} lost, ${twice.toLocaleString('en-US')} twice`
  process.stdout.write(`  ${peer.name}: ${text}\n`)
  return text
}

await main(process.argv[2])
