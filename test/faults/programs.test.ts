/** Peers of the faults, by stand-ins on the PATH: the command itself as `alloy`, and a `vector` that can't start. */
import { chmodSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import t from 'tap'
import { COMMAND } from '../support/service.ts'
import { faults, runFault } from './faults.ts'
import { peersOnPath } from './programs.ts'

const deletion = faults.find(({ name }) => name.includes('deleted'))!

void t.test('peers are found on the PATH, run on the same fault, and told when they fail', async (tap) => {
  const folder = tap.testdir({
    alloy: `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`,
    vector: '#!/bin/sh\necho "no such sink" >&2\nexit 78\n',
  })
  for (const name of ['alloy', 'vector']) chmodSync(join(folder, name), 0o755)
  const { PATH: before = '' } = process.env
  process.env['PATH'] = `${folder}${delimiter}${before}`
  tap.teardown(() => (process.env['PATH'] = before))

  const peers = peersOnPath(folder)
  tap.same(
    peers.map(({ name }) => name),
    ['alloy', 'vector'],
  )
  tap.match(await runFault(deletion, peers[0]), { lines: 5100, lost: 0 })
  await tap.rejects(runFault(deletion, peers[1]), /vector ended by itself \(78\):\nno such sink/)
})
