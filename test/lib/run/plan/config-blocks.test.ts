import t from 'tap'
import { components } from '../../../../lib/components/index.ts'
import { configBlocks } from '../../../../lib/run/plan/config-blocks.ts'

void t.test('the table of config blocks', (tap) => {
  for (const [name, block] of configBlocks) {
    tap.equal(block.name, name)
    tap.match(block.summary, /\.$/, `${name} has a sentence for the reference`)
    tap.notOk(components.has(name), `${name} isn't a component too`)
    if (block.rootOnly) tap.not(block.label, 'required', `${name} has no label`)
  }
  for (const name of [
    'logging',
    'http',
    'tracing',
    'livedebugging',
    'argument',
    'export',
    'declare',
    'import.file',
    'import.string',
    'foreach',
  ])
    tap.ok(configBlocks.has(name), name)
  tap.equal(configBlocks.get('foreach')?.stability, 'experimental')
  tap.end()
})
