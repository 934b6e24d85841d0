/** `remote.http`: a text from a web server as a value, polled again and again. */
import type { Value } from '../../alloy/value.ts'
import type { Timer } from '../../flow/clock.ts'
import { defineComponent, type Component, type ComponentContext } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import { messageOf } from '../../errors.ts'
import { flag, optional, type OptionsOf } from '../../component/fields.ts'
import { fetchFields, textFetcher } from '../../net/client/fetch-text.ts'

const fields = {
  ...fetchFields,
  is_secret: optional(flag, false, 'Whether the content must not be shown.'),
}

type RemoteArguments = OptionsOf<typeof fields>

/** The first text is there before anything that refers to it is built; a poll that fails later keeps the last one. */
export const remoteHttp = defineComponent({
  name: 'remote.http',
  summary: 'Reads a text from a URL and exports it, again whenever it changes.',
  fields,
  stability: 'generally-available',
  exports: { content: 'secret or string: the text, without white space around it' },
  prepare: async (options, ctx) => {
    const fetcher = textFetcher(options, () => ctx.clock.now())
    try {
      return exportsOf(await fetcher.read(), options)
    } finally {
      await fetcher.close()
    }
  },
  create: (options, ctx, prepared) => createRemote(options, ctx, prepared),
})

function createRemote(
  options: RemoteArguments,
  ctx: ComponentContext,
  prepared: ReadonlyMap<string, Value> | undefined,
): Component<RemoteArguments> {
  const fetcher = textFetcher(options, () => ctx.clock.now())
  let content = textOf(prepared)
  let problem = ''
  let timer: Timer | undefined
  let closed = false
  const poll = async (): Promise<void> => {
    try {
      const now = await fetcher.read()
      problem = ''
      if (now !== content && !closed) ctx.export(exportsOf(now, options))
      content = now
    } catch (error) {
      problem = messageOf(error)
      if (!closed) ctx.log.error('the last content is kept', { error: problem })
    }
    later()
  }
  const later = (): void => {
    if (!closed) timer = ctx.clock.after(options.poll_frequency, () => void poll())
  }
  return {
    exports: prepared,
    start: later,
    close: async () => {
      closed = true
      timer?.cancel()
      await fetcher.close()
    },
    health: () => healthOf(problem),
    status: () => ({ characters: content?.length ?? 0 }),
  }
}

function exportsOf(content: string, { is_secret: secret }: RemoteArguments): ReadonlyMap<string, Value> {
  return new Map([['content', { kind: 'secret', text: content, optional: !secret }]])
}

function textOf(exports: ReadonlyMap<string, Value> | undefined): string | undefined {
  const content = exports?.get('content')
  return content !== null && typeof content === 'object' && 'text' in content ? content.text : undefined
}
