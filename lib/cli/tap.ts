/** `logstream tap`: entries as they pass through a running service, and what its stages do to them. */
import type { TapMessage } from '../admin/tap/messages.ts'
import { LogstreamError } from '../errors.ts'
import { penOf } from '../formats/pen.ts'
import { plural } from '../formats/plural.ts'
import { unreachable } from '../net/client/unreachable.ts'
import type { ComponentStatus, PageStatus } from '../page/status.ts'
import { readArgs } from './args.ts'
import type { Command, Flags } from './command.ts'
import { EXIT, type Io } from './io.ts'
import { mayColour } from './colour.ts'
import { namedServer, type NamedServer } from './server-url.ts'
import { messageText } from './tap-output.ts'

const FLAGS: Flags = {
  address: {
    value: 'URL',
    doc: 'the page of the service; http://USER:PASSWORD@HOST:PORT signs in (http://127.0.0.1:12345)',
  },
  stages: { doc: 'what each stage of COMPONENT does to an entry (20 a second)' },
  json: { doc: 'one JSON object a line' },
  limit: { value: 'N', doc: 'stop after N entries' },
}

export const tapCommand: Command = {
  usage: ['logstream tap [flags] [COMPONENT]'],
  about: `
Shows entries of a running service as they pass: those that COMPONENT hands on,
or takes if it's a sink. COMPONENT is an id (loki.process.shop), or the end of
one; without it the components are listed. At most 100 entries a second are
shown, a sample of those that pass; the service never waits for this command.`,
  flags: FLAGS,
  notes: "Exit status: 0 stopped, 1 there's no service, or no such component.",
  run: async (args, io) => {
    const given = readArgs('tap', args, FLAGS)
    if (given.words.length > 1)
      throw new LogstreamError('BAD_USAGE', 'tap takes one COMPONENT. See: logstream tap --help')
    const [name] = given.words
    const stages = given.flag('stages')
    const limit = limitOf(given.text('limit'))
    const stop = new AbortController()
    const server = serverOf(given.text('address') ?? 'http://127.0.0.1:12345')
    const release = io.onSignal(() => stop.abort())
    try {
      const { components } = (await (await ask(server, 'status', stop.signal)).json()) as PageStatus
      if (name === undefined) {
        io.stdout.write(list(components))
        return EXIT.ok
      }
      const { fullId } = componentNamed(components, name)
      const path = `tap/${fullId.split('/').map(encodeURIComponent).join('/')}${stages ? '?stages=1' : ''}`
      const answer = await ask(server, path, stop.signal)
      const json = given.flag('json')
      await show(answer, { io, json, limit, colour: mayColour(io) })
    } catch (error) {
      // A signal isn't an error.
      if (!stop.signal.aborted) throw error
    } finally {
      release()
      stop.abort()
    }
    return EXIT.ok
  },
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return Infinity
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new LogstreamError('BAD_USAGE', `--limit takes a number from 1 on, found "${text}"`)
  return Number(text)
}

function serverOf(text: string): NamedServer {
  const server = namedServer(text, '--address to be the URL of a service such as http://127.0.0.1:12345')
  if (!server.url.pathname.endsWith('/')) server.url.pathname += '/'
  return server
}

async function ask({ url, headers }: NamedServer, path: string, signal: AbortSignal): Promise<Response> {
  let answer: Response
  try {
    answer = await fetch(new URL(`api/v0/logstream/${path}`, url), { headers, signal })
  } catch (error) {
    throw new LogstreamError(
      'IO',
      `cannot reach a running service at ${url.href}: ${unreachable(error)}. Name another with --address`,
      { cause: error },
    )
  }
  if (answer.ok) return answer
  const reason = (await answer.text()).trim()
  throw new LogstreamError('IO', `${url.href} answered ${answer.status}: ${reason || answer.statusText}`)
}

function componentNamed(components: readonly ComponentStatus[], name: string): ComponentStatus {
  const exact = components.find(({ fullId }) => fullId === name)
  if (exact !== undefined) return exact
  const ending = components.filter(({ fullId }) => fullId.endsWith(`.${name}`) || fullId.endsWith(`/${name}`))
  if (ending.length === 1) return ending[0]!
  throw new LogstreamError(
    'BAD_INPUT',
    `${ending.length === 0 ? `no component is called "${name}"` : `several components end in "${name}"`}. There are\n${list(components).trimEnd()}`,
  )
}

function list(components: readonly ComponentStatus[]): string {
  return components
    .map(
      ({ fullId, forwardTo }) =>
        `  ${fullId}${forwardTo.length === 0 ? '' : ` -> ${forwardTo.join(', ')}`}\n`,
    )
    .sort()
    .join('')
}

interface Showing {
  readonly io: Io
  readonly json: boolean
  readonly colour: boolean
  readonly limit: number
}

async function show(answer: Response, { io, json, colour, limit }: Showing): Promise<void> {
  const pen = penOf(colour)
  let left = limit
  let skipped = 0
  for await (const message of messagesIn(answer)) {
    if (message.kind === 'counts') {
      if (message.skipped > skipped)
        io.stderr.write(
          `logstream: ${plural(message.skipped - skipped, 'message')} skipped: the reader is too slow\n`,
        )
      skipped = message.skipped
      continue
    }
    const text = json
      ? `${JSON.stringify(message.kind === 'entry' ? message.entry : message)}\n`
      : messageText(message, pen)
    await write(io, text)
    if (--left === 0) return
  }
  throw new LogstreamError('IO', 'the service closed the connection')
}

function write(io: Io, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    io.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

async function* messagesIn({ body }: Response): AsyncGenerator<TapMessage> {
  let rest = ''
  for await (const part of body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split('\n')
    rest = lines.pop()!
    for (const line of lines) yield JSON.parse(line) as TapMessage
  }
}
