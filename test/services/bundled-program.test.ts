/** A program in one file, as bundlers make it: with the package left outside, lines arrive from both modes of the transport. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { build } from 'esbuild'
import t from 'tap'
import { startFakeLoki } from '../support/fake-loki.ts'
import { installed } from '../support/packed.ts'

const PROGRAM = `
import pino from 'pino'
import { lokiStream } from 'logstream-loki/pino'

const [url, dataDir, worker] = process.argv.slice(2)
pino(lokiStream({ url, dataDir, worker: worker === 'true' })).info('from a bundle')
`

void t.test('esbuild', { timeout: 300_000 }, async (tap) => {
  const project = installed(
    tap,
    tap.testdir({
      'package.json': JSON.stringify({ private: true, dependencies: { pino: '10.4.0' } }),
      'app.js': PROGRAM,
    }),
  )
  for (const [format, file] of [
    ['esm', 'app.mjs'],
    ['cjs', 'app.cjs'],
  ] as const) {
    // pino is CommonJS, and requires Node's modules.
    const js = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)`
    await build({
      platform: 'node',
      bundle: true,
      external: ['logstream-loki'],
      entryPoints: [join(project, 'app.js')],
      outfile: join(project, file),
      format,
      banner: format === 'esm' ? { js } : {},
    })
    for (const worker of [true, false]) {
      const loki = await startFakeLoki()
      const dataDir = join(project, `${format}-${worker}`)
      const child = spawn(process.execPath, [file, loki.url, dataDir, String(worker)], {
        cwd: project,
        stdio: 'inherit',
      })
      const [status] = (await once(child, 'close')) as [number | null]
      await loki.close()
      tap.equal(status, 0, `${format}, worker ${worker}`)
      tap.match(loki.entries()[0]?.line, /from a bundle/)
    }
  }
})
