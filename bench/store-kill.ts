/** Kills the store during pushes, ROUNDS times (50), and counts acknowledged lines that are missing. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killRound, LINES_PER_PUSH } from '../test/support/store-kill.ts'

const ROUNDS = Number(process.env['ROUNDS'] ?? 50)

const folder = await mkdtemp(join(tmpdir(), 'logstream-kill-'))
try {
  const acknowledged: number[] = []
  const opens: number[] = []
  let missing = 0
  let doubled = 0
  let next = 0
  for (let round = 0; round < ROUNDS; round++) {
    const result = await killRound(folder, next, 50 + Math.random() * 950, acknowledged)
    acknowledged.push(...result.acknowledged)
    opens.push(result.openMs)
    missing = result.missing.length
    ;({ doubled, next } = result)
    if (missing > 0 || doubled > 0) break
  }
  const slowest = Math.max(...opens).toFixed(0)
  process.stdout.write(
    `${opens.length} rounds, ${acknowledged.length * LINES_PER_PUSH} acknowledged lines, ${missing * LINES_PER_PUSH} missing, ${doubled} stored twice, slowest opening ${slowest} ms\n`,
  )
  if (missing > 0 || doubled > 0) process.exitCode = 1
} finally {
  await rm(folder, { recursive: true, force: true })
}
