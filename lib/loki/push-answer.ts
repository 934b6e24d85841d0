/** What became of a push, as the HTTP answer that Loki's clients understand. */
import { text, type Answer } from '../net/server/router.ts'
import { RETRY_AFTER_S, type PushResult } from './push-receiver.ts'

export function pushAnswer(result: PushResult): Answer {
  switch (result.kind) {
    case 'taken':
      return result.error === undefined ? { status: 204, body: '' } : text(400, result.error)
    case 'refused':
      return text(result.status, result.message)
    case 'later':
      return { ...text(503, result.message), headers: { 'retry-after': String(RETRY_AFTER_S) } }
  }
}
