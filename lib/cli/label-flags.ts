/** `--label name=value`, as often as it is given. */
import { LogstreamError } from '../errors.ts'
import { validLegacyLabelName } from '../telemetry/classic-names.ts'
import type { Args } from './args.ts'

/** The labels of `--label`. Throws BAD_USAGE, also for names that Loki would refuse with every line. */
export function labelFlags(given: Args): Record<string, string> {
  return Object.fromEntries(
    given.texts('label').map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw new LogstreamError('BAD_USAGE', `--label takes name=value, found "${text}"`)
      const name = text.slice(0, at)
      if (!validLegacyLabelName(name))
        throw new LogstreamError(
          'BAD_USAGE',
          `--label takes a name of letters, digits and underscores, no digit first, found "${name}"`,
        )
      return [name, text.slice(at + 1)]
    }),
  )
}
