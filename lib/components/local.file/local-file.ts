/** `local.file`: the content of a file as a value, followed as the file changes. */
import { readFileSync } from 'node:fs'
import type { Value } from '../../alloy/value.ts'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import { DETECTORS, watchFile } from '../../disk/watch-file.ts'
import { LogstreamError, messageOf, reasonOf } from '../../errors.ts'
import { duration, flag, optional, required, text, type OptionsOf } from '../../component/fields.ts'

const fields = {
  filename: required(text, 'File to read; it must be there at the start.'),
  detector: optional(text, 'fsnotify', 'How changes are noticed.', DETECTORS),
  poll_frequency: optional(duration, 60_000, 'How often the file is looked at.'),
  is_secret: optional(flag, false, 'Whether the content must not be shown.'),
}

type FileArguments = OptionsOf<typeof fields>

/** While the file can't be read, its last content stays exported and the component is unhealthy. */
export const localFile = defineComponent({
  name: 'local.file',
  summary: 'Reads a file and exports its content, again whenever it changes.',
  fields,
  stability: 'generally-available',
  exports: { content: 'secret or string: the content, as it is' },
  create: (options, ctx) => createFile(options, ctx),
})

function createFile(options: FileArguments, ctx: ComponentContext): Component<FileArguments> {
  const { filename, is_secret: secret } = options
  let content = contentOf(filename)
  let problem = ''
  let stopWatching = (): void => {}
  const reread = (): void => {
    try {
      const now = contentOf(filename)
      problem = ''
      if (now === content) return
      content = now
      ctx.export(exportsOf(content, secret))
    } catch (error) {
      problem = messageOf(error)
      ctx.log.error('the last content is kept', { error: problem })
    }
  }
  return {
    exports: exportsOf(content, secret),
    start: () => {
      const { detector, poll_frequency: pollMs } = options
      stopWatching = watchFile({ path: filename, pollMs, notices: detector !== 'poll' }, ctx.clock, reread)
      // What changed between reading and watching.
      reread()
    },
    close: () => stopWatching(),
    health: () => healthOf(problem),
    status: () => ({ filename, characters: content.length }),
  }
}

function exportsOf(content: string, secret: boolean): ReadonlyMap<string, Value> {
  return new Map([['content', { kind: 'secret', text: content, optional: !secret }]])
}

function contentOf(filename: string): string {
  try {
    return readFileSync(filename, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `cannot read "${filename}": ${reasonOf(error)}`, {
      cause: error,
      option: 'filename',
    })
  }
}
