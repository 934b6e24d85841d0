/**
 * List and watch, the way the API tells of changes
 * (https://kubernetes.io/docs/reference/using-api/api-concepts/#efficient-detection-of-changes).
 */
import type { Clock } from '../../flow/clock.ts'
import { ApiError, type KubernetesApi, type Query } from './api.ts'
import type { KubernetesObject } from './objects.ts'

/** What is listed and watched. */
export interface Resource {
  /** `/api/v1/namespaces/shop/pods` */
  readonly path: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
}

export interface Page<T> {
  readonly items: readonly T[]
  /** Of the whole list: where a watch goes on from after its last page. */
  readonly version: string
  readonly last: boolean
}

export interface WatchEvent<T> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK'
  readonly object: T
}

/** Objects in one answer, so that neither side has to hold all of a large cluster as one text. */
const PAGE = 500
/** The server ends a watch after this long, so that one that has silently died is noticed. */
const SESSION_SECONDS = 300
const GRACE_MS = 30_000
/** etcd takes objects of at most 1.5 MiB; JSON is longer than what it stores. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024

/** Lists everything, page by page. Throws `ApiError`, 410 when the server has forgotten the list between two pages. */
export async function* list<T extends KubernetesObject>(
  api: KubernetesApi,
  { path, ...selectors }: Resource,
  signal: AbortSignal,
): AsyncGenerator<Page<T>> {
  for (let token = ''; ;) {
    const { metadata, items } = (await api.json(
      path,
      { ...selectors, limit: PAGE, continue: token },
      signal,
    )) as {
      readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
      readonly items?: readonly T[] | null
    }
    token = metadata?.continue ?? ''
    yield { items: items ?? [], version: metadata?.resourceVersion ?? '', last: token === '' }
    if (token === '') return
  }
}

/** Returns the version that a list has now. Rejects with `ApiError`. */
export async function versionOf(
  api: KubernetesApi,
  { path, ...selectors }: Resource,
  signal: AbortSignal,
): Promise<string> {
  const { metadata } = (await api.json(path, { ...selectors, limit: 1 }, signal)) as {
    readonly metadata?: { readonly resourceVersion?: string }
  }
  return metadata?.resourceVersion ?? ''
}

/**
 * Whether `version` comes after `since`. Versions are revisions of etcd, decimal numbers that grow with each change of the
 * cluster; `undefined` for others, which can't be compared.
 */
export function isLater(version: string, since: string): boolean | undefined {
  const decimal = /^\d+$/
  return decimal.test(version) && decimal.test(since) ? BigInt(version) > BigInt(since) : undefined
}

/**
 * Yields what has changed since `version`, until the server ends the watch. Throws `ApiError`, 410 when the server no
 * longer knows what changed since then, and other errors when the connection breaks.
 */
export async function* watch<T extends KubernetesObject>(
  api: KubernetesApi,
  { path, ...selectors }: Resource,
  version: string,
  clock: Clock,
  signal: AbortSignal,
  opened?: () => void,
): AsyncGenerator<WatchEvent<T>> {
  const query: Query = {
    ...selectors,
    watch: true,
    allowWatchBookmarks: true,
    resourceVersion: version,
    timeoutSeconds: SESSION_SECONDS,
  }
  const late = new AbortController()
  const timer = clock.after(SESSION_SECONDS * 1000 + GRACE_MS, () => late.abort())
  try {
    const body = await api.stream(path, query, AbortSignal.any([signal, late.signal]))
    opened?.()
    const { default: split2 } = await import('split2')
    const lines = body
      .on('error', (error) => lines.destroy(error))
      .pipe(split2({ maxLength: MAX_EVENT_BYTES }))
    try {
      for await (const line of lines as AsyncIterable<string>) if (line !== '') yield eventIn<T>(line)
    } finally {
      body.destroy()
    }
  } finally {
    timer.cancel()
  }
}

function eventIn<T>(line: string): WatchEvent<T> {
  const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: unknown }
  if (type !== 'ERROR') return { type: type as WatchEvent<T>['type'], object: object as T }
  const { code = 0, message = '' } = object as { readonly code?: number; readonly message?: string }
  throw new ApiError(code, `the Kubernetes API ended a watch: ${message}`)
}
