/** `logstream explain`: what each stage of a config does to a line, and why. */
import { createInterface } from 'node:readline'
import { existsSync } from 'node:fs'
import { LogstreamError } from '../errors.ts'
import { explainChain, type Explanation } from '../explain/line.ts'
import { renderSteps } from '../explain/render.ts'
import { readConfig } from '../run/modules/config-files.ts'
import { hostLibrary } from '../run/plan/host-library.ts'
import { findProcessComponents, processChain } from '../run/plan/process-components.ts'
import { readArgs } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { mayColour } from './colour.ts'
import { labelFlags } from './label-flags.ts'
import { outputFailure } from './output-failure.ts'
import { showDiagnostics } from './show-diagnostics.ts'
import { STABILITY_FLAG, stabilityOf } from './stability.ts'

const FLAGS: Flags = {
  config: { short: 'c', value: 'FILE', takes: 'file', doc: 'the config (./logstream.alloy)' },
  component: {
    value: 'NAME',
    doc: 'the loki.process to start at if there are several: its id, or the end of it',
  },
  label: { value: 'N=V', multiple: true, doc: 'a label of the line; may be repeated' },
  json: { doc: 'one JSON object per line and loki.process' },
  'stability.level': STABILITY_FLAG,
}

export const explainCommand: Command = {
  usage: ['logstream explain [-c CONFIG] [--component NAME] [--label N=V] [--] [LINE | -]'],
  about: `
Runs LINE (or every line of standard input) through the loki.process components of
a config, along forward_to, and shows what each stage did: line, labels, time and
extracted values before and after, which part of a selector failed, and how far a
regex that did not match got. After -- a LINE may begin with a dash.`,
  flags: FLAGS,
  run: async (args, io) => {
    const given = readArgs('explain', args, FLAGS)
    const path = given.text('config') ?? 'logstream.alloy'
    if (!existsSync(path))
      throw new LogstreamError('BAD_USAGE', `expected a config, found no ${path}: name one with -c FILE`)
    const stability = stabilityOf(given.text('stability.level'))
    const config = (): ReturnType<typeof readConfig> => readConfig(path)
    const found = await findProcessComponents({ config, stability, stdlib: hostLibrary(io.env, stability) })
    const errors = found.diagnostics.filter(({ severity }) => severity === 'error')
    showDiagnostics(errors, io)
    if (errors.length > 0) return EXIT.usage
    const chain = processChain(found, given.text('component'))
    const fed = found.feeds.find(({ to }) => to === chain[0]?.id)
    const labels = { ...fed?.labels, ...labelFlags(given) }
    const lines =
      given.words.length === 0 || given.words[0] === '-'
        ? createInterface({ input: io.stdin, crlfDelay: Infinity })
        : [given.words.join(' ')]
    for await (const line of lines) {
      if (outputFailure(io.stdout) !== undefined) break
      for (const explanation of await explainChain(chain, line, labels))
        print(explanation, chain.length > 1, given.flag('json'), io)
    }
    return EXIT.ok
  },
}

function print({ component, entry, steps }: Explanation, several: boolean, json: boolean, io: Io): void {
  if (json) return void io.stdout.write(`${JSON.stringify({ component, entry, steps })}\n`)
  const text = renderSteps(entry, steps, { colour: mayColour(io) })
  io.stdout.write(`${several ? `${component}\n` : ''}${text}\n`)
}
