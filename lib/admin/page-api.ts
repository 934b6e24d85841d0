/** What the page asks for when a component or the config is opened. */
import { positionAt, type Source } from '../alloy/source.ts'
import { json, text, type Route } from '../net/server/router.ts'
import type { ComponentStory, ConfigPlace, ConfigText, CounterFamily } from '../page/component.ts'
import type { ComponentDetails } from '../run/supervise/component-info.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { RecentProblems } from '../telemetry/recent-problems.ts'
import { redacted } from './hidden-parts.ts'
import { scrubbed } from './secrets.ts'
import { secretsOf, type Inspected } from './web-api.ts'

interface Sources {
  readonly metrics: Metrics
  readonly problems?: RecentProblems
}

/** `prefix` ends with `/`. */
export function pageApiRoutes(sources: Sources, inspected: Inspected, prefix: string): readonly Route[] {
  const components = `${prefix}api/v0/logstream/components/`
  return [
    {
      methods: ['GET'],
      path: `${components}*`,
      handle: ({ path }) => {
        const rest = path.slice(components.length)
        const found = inspected
          .details()
          .find(({ fullId }) => fullId.split('/').map(encodeURIComponent).join('/') === rest)
        if (found === undefined) return text(404, 'the config that runs has no such component')
        return json(200, scrubbed(storyOf(sources, found), secretsOf(inspected)))
      },
    },
    {
      methods: ['GET'],
      path: `${prefix}api/v0/logstream/config`,
      handle: () => json(200, textsOf(inspected)),
    },
  ]
}

function storyOf({ metrics, problems }: Sources, details: ComponentDetails): ComponentStory {
  const { fullId, id, componentPath, changes, declared } = details
  return {
    place: declared === undefined ? undefined : placeOf(declared),
    changes,
    problems: problems?.of(fullId) ?? [],
    counters: countersOf(metrics, id, componentPath),
  }
}

function placeOf({ source, range }: NonNullable<ComponentDetails['declared']>): ConfigPlace {
  return { name: source.name, line: positionAt(source, range.start).line }
}

// Histograms are left to /metrics: what a person wants of them takes more than one number.
function countersOf(metrics: Metrics, id: string, path: string): CounterFamily[] {
  return metrics
    .peek()
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

// The texts of the config, then those of modules that something that runs is declared in.
function textsOf(inspected: Inspected): ConfigText[] {
  const details = inspected.details()
  const sources = new Map<string, Source>(inspected.texts.map(({ source }) => [source.name, source]))
  for (const { declared } of details)
    if (declared !== undefined && !sources.has(declared.source.name))
      sources.set(declared.source.name, declared.source)
  return [...sources.values()].map((source) => ({
    name: source.name,
    text: redacted(source),
    components: details.flatMap(({ fullId, declared }) =>
      declared?.source.name === source.name ? [{ id: fullId, line: placeOf(declared).line }] : [],
    ),
  }))
}
