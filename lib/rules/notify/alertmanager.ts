/** Alertmanager's API v2 as a destination of alerts (https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml). */
import type { HttpPost } from './http-post.ts'
import type { Notification } from './notification.ts'
import type { Destination } from './outbox.ts'

/** `post` goes to `/api/v2/alerts`. */
export function alertmanager(post: HttpPost): Destination {
  return {
    name: post.name,
    wants: () => true,
    send: (batch) => post.send(batch.map(alertOf)),
    close: () => post.close(),
  }
}

/** The address of the API below that of an Alertmanager. */
export function alertsUrl(url: URL): URL {
  const full = new URL(url)
  full.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v2/alerts`
  return full
}

function alertOf({ labels, annotations, startsAt, endsAt, generatorUrl }: Notification): object {
  return {
    labels,
    annotations,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: new Date(endsAt).toISOString(),
    generatorURL: generatorUrl,
  }
}
