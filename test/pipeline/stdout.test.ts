/** Commands whose reader goes away end quietly; what a full disk doesn't take is told, and is never a success. */
import { execFile } from 'node:child_process'
import t from 'tap'
import { startServer } from '../../lib/net/server/server.ts'
import { queryRoutes } from '../../lib/store/query/routes.ts'
import { SILENT } from '../../lib/telemetry/log.ts'
import { MemoryQuerier } from '../support/memory-querier.ts'
import { COMMAND } from '../support/service.ts'
import { tempDir } from '../support/write-harness.ts'

const FULL = /^logstream: cannot write to standard output: no space left on device; make room on that disk$/m

interface Ended {
  /** Of the command whose output goes elsewhere. */
  readonly status: number
  readonly out: string
  readonly err: string
}

/** Runs the command in bash, with `rest` after it. */
function shell(words: string, rest: string, state: string): Promise<Ended> {
  const line = `"${process.execPath}" "${COMMAND}" ${words} ${rest}; exit "\${PIPESTATUS[0]}"`
  return new Promise((resolve) => {
    const env = { ...process.env, XDG_STATE_HOME: state }
    const child = execFile('bash', ['-c', line], { env }, (error, out, err) =>
      resolve({ status: Number(error?.code ?? 0), out, err }),
    )
    child.stdin?.on('error', () => undefined)
    child.stdin?.end('one\ntwo\n')
  })
}

void t.test('standard output that takes no more', async (tap) => {
  const querier = new MemoryQuerier({ discover: false })
  const values = Array.from(
    { length: 4000 },
    (_, i) => [`${1_767_607_200 + i}000000000`, 'x'.repeat(100)] as const,
  )
  querier.push({ streams: [{ stream: { app: 'many' }, values }] })
  const server = await startServer({ listen: '127.0.0.1:0', routes: queryRoutes({ querier }), log: SILENT })
  tap.teardown(() => server.close())
  const state = await tempDir(tap)
  const query = `query '{app="many"}' --url ${server.url} --from 1767607200 --to 1767617200 --limit 0 --output jsonl`
  tap.match(await shell(query, '| head -n 1', state), { status: 0, out: /^\{.*\}\n$/, err: '' })
  tap.match(await shell(query, '> /dev/full', state), { status: 1, err: FULL })
  tap.match(await shell('generate --count 100 --rate 0', '> /dev/full', state), { status: 1, err: FULL })
  const pipe = await shell('', '> /dev/full', state)
  tap.match(pipe, { status: 4, err: /^logstream: 2 lines could not be delivered or saved$/m })
  tap.match(pipe, { err: FULL })
})
