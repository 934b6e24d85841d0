/** What the page asks for when a component is opened: its counters, and where the config declares it. */
import { parseFile } from '../alloy/parser.ts'
import { positionAt } from '../alloy/source.ts'
import { json, text, type Route } from '../net/server/router.ts'
import type { ConfigText, CounterFamily } from '../page/component.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import { redacted } from './hidden-parts.ts'
import type { Inspected } from './web-api.ts'

/** `prefix` ends with `/`. */
export function pageApiRoutes(inspected: Inspected, metrics: Metrics, prefix: string): readonly Route[] {
  const counters = `${prefix}api/v0/logstream/counters/`
  return [
    {
      methods: ['GET'],
      path: `${counters}*`,
      handle: ({ path }) => {
        const rest = path.slice(counters.length)
        const found = inspected
          .details()
          .find(({ fullId }) => fullId.split('/').map(encodeURIComponent).join('/') === rest)
        return found === undefined
          ? text(404, 'the config that runs has no such component')
          : json(200, countersOf(metrics, found.id, found.componentPath))
      },
    },
    {
      methods: ['GET'],
      path: `${prefix}api/v0/logstream/config`,
      handle: () =>
        json(
          200,
          inspected.texts.map(({ source }) => shown(source.name, redacted(source))),
        ),
    },
  ]
}

// Histograms are left to /metrics: what a person wants of them takes more than one number.
function countersOf(metrics: Metrics, id: string, path: string): CounterFamily[] {
  return metrics
    .snapshot()
    .filter(({ type }) => type === 'counter' || type === 'gauge')
    .map(({ name, help, type, samples }) => ({
      name,
      help,
      type: type as CounterFamily['type'],
      samples: samples
        .filter(({ labels }) => labels['component_id'] === id && labels['component_path'] === path)
        .map(({ labels: { component_id: _id, component_path: _path, ...labels }, value }) => ({
          labels: Object.fromEntries(Object.entries(labels).map(([key, each]) => [key, String(each)])),
          value,
        })),
    }))
    .filter(({ samples }) => samples.length > 0)
}

// Places are those in the text that is shown: hiding a secret moves what follows it.
function shown(name: string, body: string): ConfigText {
  const source = { name, text: body }
  const blocks = parseFile(source).file.body.flatMap((statement) =>
    statement.kind === 'block'
      ? [
          {
            id: statement.label === undefined ? statement.name : `${statement.name}.${statement.label}`,
            line: positionAt(source, statement.range.start).line,
          },
        ]
      : [],
  )
  return { name, text: body, blocks }
}
