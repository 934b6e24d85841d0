/** `logstream store`: the embedded store alone, as a small Loki. */
import { resolve } from 'node:path'
import { quote } from '../go/strconv/quote.ts'
import { LogstreamError } from '../errors.ts'
import { listenAddress } from '../net/server/address.ts'
import type { ConfigText } from '../run/modules/config-text.ts'
import { readArgs, type Args } from './args.ts'
import type { Command } from './io.ts'
import { serve } from './run.ts'
import { stabilityOf } from './validate.ts'

export const storeCommand: Command = {
  help: `
Usage: logstream store [flags]

Runs the embedded store alone: it takes pushes and answers queries as Loki does.
Point loki.write, Grafana or logcli at it; ask it with logstream query.

  --path DIR          folder of the data (data-logstream/store)
  --listen ADDR       Loki's HTTP API (127.0.0.1:3100)
  --grpc-listen ADDR  pushes over gRPC; left out: none
  --retention TIME    how long entries are kept, such as 720h; 0s: for ever (0s)
  --reject-old        refuse old entries, as Loki does by default
  --server.http.listen-addr ADDR   page and /metrics (127.0.0.1:12345); "" for none

Exit status: 0 stopped, 1 it could not start.
`,
  run: async (args, io) => {
    const given = readArgs('store', args, {
      path: { type: 'string' },
      listen: { type: 'string' },
      'grpc-listen': { type: 'string' },
      retention: { type: 'string' },
      'reject-old': { type: 'boolean' },
      'server.http.listen-addr': { type: 'string' },
    })
    if (given.words.length > 0)
      throw new LogstreamError('BAD_USAGE', `unexpected "${given.words[0]}". See: logstream store --help`)
    return await serve(
      {
        more: [storeConfig(given)],
        listen: given.text('server.http.listen-addr') ?? '127.0.0.1:12345',
        storagePath: 'data-logstream',
        stability: stabilityOf(undefined),
      },
      io,
    )
  },
}

/** The config that the flags stand for. */
export function storeConfig(given: Args): ConfigText {
  const grpc = given.text('grpc-listen')
  const text = `loki.store "store" {
	path               = ${quote(given.text('path') ?? 'data-logstream/store')}
	retention          = ${quote(given.text('retention') ?? '0s')}
	reject_old_samples = ${given.flag('reject-old')}

	http {
${listener(given.text('listen') ?? '127.0.0.1:3100')}
	}
${grpc === undefined ? '' : `\n\tgrpc {\n${listener(grpc)}\n\t}\n`}}
`
  return { source: { name: 'command line', text }, modulePath: resolve('.') }
}

function listener(address: string): string {
  const { host, port } = listenAddress(address)
  return `\t\tlisten_address = ${quote(host)}\n\t\tlisten_port    = ${port}`
}
