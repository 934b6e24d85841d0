/** What `remote.kubernetes.secret` and `remote.kubernetes.configmap` share: the data of an object, polled again and again. */
import type { ObjectValue, Value } from '../../alloy/value.ts'
import type { Component, ComponentContext, Exports } from '../../component/component.ts'
import { healthOf } from '../../component/health.ts'
import {
  blockWithDefaults,
  duration,
  optional,
  required,
  text,
  type OptionsOf,
} from '../../component/fields.ts'
import { OutOfReach } from '../../component/out-of-reach.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import type { Timer } from '../../flow/clock.ts'
import { compareText } from '../../go/strings/order.ts'
import { ApiError, KubernetesApi } from '../../net/kubernetes/api.ts'
import { accessTo } from '../../net/kubernetes/choose-access.ts'
import { checkKubernetesOptions, kubernetesFields } from '../../net/kubernetes/fields.ts'
import { pathOf } from '../../net/kubernetes/resources.ts'

export const dataFields = {
  namespace: required(text, 'Namespace of the object.'),
  name: required(text, 'Name of the object.'),
  poll_frequency: optional(duration, 60_000, 'Time between two polls.'),
  poll_timeout: optional(duration, 15_000, 'Longest time for one poll.'),
  client: blockWithDefaults(
    kubernetesFields,
    'How the API server is reached; left out: as the service account of the pod.',
  ),
}

export type DataOptions = OptionsOf<typeof dataFields>

/** One of the two kinds. */
export interface DataKind {
  readonly resource: 'secret' | 'configmap'
  /** A value of the object's `data` as it is exported. */
  readonly valueOf: (stored: string) => Value
}

/** The data as it is now. Rejects with IO, or with BAD_CONFIG for arguments that can't work. */
export async function prepareData(
  kind: DataKind,
  options: DataOptions,
  ctx: ComponentContext,
): Promise<Exports> {
  check(options)
  const api = await open(options, ctx)
  try {
    return exportsOf(await read(kind, options, api))
  } finally {
    await api.close()
  }
}

/** Polls; what can't be read keeps the last data. */
export function pollData(
  kind: DataKind,
  options: DataOptions,
  ctx: ComponentContext,
  prepared: Exports | undefined,
): Component<DataOptions> {
  check(options)
  let known = textOf(prepared?.get('data') as ObjectValue | undefined)
  let problem = ''
  let timer: Timer | undefined
  let api: KubernetesApi | undefined
  let closed = false
  const poll = async (): Promise<void> => {
    try {
      api ??= await open(options, ctx)
      const data = await read(kind, options, api)
      problem = ''
      if (closed || textOf(data) === known) return
      known = textOf(data)
      ctx.export(exportsOf(data))
    } catch (error) {
      if (!closed && problem === '') ctx.log.error('the last data is kept', { error: messageOf(error) })
      problem = messageOf(error)
    }
  }
  const later = (): void => {
    if (!closed) timer = ctx.clock.after(options.poll_frequency, () => void poll().then(later))
  }
  return {
    exports: prepared,
    start: later,
    close: async () => {
      closed = true
      timer?.cancel()
      await api?.close()
    },
    health: () => healthOf(problem),
  }
}

function check(options: DataOptions): void {
  checkKubernetesOptions(options.client)
  for (const option of ['poll_frequency', 'poll_timeout'] as const)
    if (options[option] <= 0)
      throw new LogstreamError('BAD_CONFIG', `${option}: expected more than 0s`, { option })
  for (const option of ['namespace', 'name'] as const)
    if (options[option] === '')
      throw new LogstreamError('BAD_CONFIG', `${option}: expected the ${option} of an object, found ""`, {
        option,
      })
}

async function open({ client }: DataOptions, { clock }: ComponentContext): Promise<KubernetesApi> {
  return new KubernetesApi(await accessTo(client, () => clock.now()), clock)
}

async function read(
  { resource, valueOf }: DataKind,
  { namespace, name, poll_timeout: timeout }: DataOptions,
  api: KubernetesApi,
): Promise<ObjectValue> {
  const path = `${pathOf(resource, namespace)}/${encodeURIComponent(name)}`
  try {
    const { data } = (await api.json(path, {}, AbortSignal.timeout(timeout))) as {
      readonly data?: Readonly<Record<string, string>> | null
    }
    return new Map(Object.entries(data ?? {}).map(([key, stored]) => [key, valueOf(stored)]))
  } catch (error) {
    const message = `cannot read the ${resource} "${namespace}/${name}": ${messageOf(error)}`
    const details = { cause: error, option: 'name' }
    throw error instanceof ApiError && error.isUnreachable
      ? new OutOfReach('IO', message, details)
      : new LogstreamError('IO', message, details)
  }
}

function exportsOf(data: ObjectValue): Exports {
  return new Map([['data', data]])
}

function textOf(data: ObjectValue | undefined): string | undefined {
  return data === undefined ? undefined : JSON.stringify([...data].sort(([a], [b]) => compareText(a, b)))
}
