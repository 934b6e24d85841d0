/**
 * `POST /awsfirehose/api/v1/push`, and the answers that Amazon Data Firehose expects
 * (docs.aws.amazon.com/firehose/latest/dev/httpdeliveryrequestresponse.html).
 */
import type { PushResult, Refusal } from '../../loki/push-receiver.ts'
import { RETRY_AFTER_S } from '../../loki/push-receiver.ts'
import type { PushWays } from '../../loki/push-source.ts'
import type { Answer, Route } from '../../net/server/router.ts'
import type { FirehoseEntries } from './record-entries.ts'

const WRONG_KEY: Refusal = {
  ok: false,
  status: 401,
  message: 'expected the access key of this source in X-Amz-Firehose-Access-Key',
}

export function firehoseRoutes({ receiver, maker }: PushWays<FirehoseEntries>): Route[] {
  return [
    {
      methods: ['POST'],
      path: '/awsfirehose/api/v1/push',
      handle: async (request) => {
        const entries = maker()
        const { headers } = request
        const result = entries.admits(headers)
          ? await receiver.receive(request, (packed) => entries.of(packed, headers))
          : receiver.refuse(WRONG_KEY)
        return firehoseAnswer(result, String(headers['x-amz-firehose-request-id'] ?? ''))
      },
    },
  ]
}

/** Firehose takes an answer for a failure unless it is JSON with the id of the request and a time in milliseconds. */
function firehoseAnswer(result: PushResult, requestId: string): Answer {
  const timestamp = Date.now()
  const answer = (status: number, more: object = {}): Answer => ({
    status,
    type: 'application/json',
    body: JSON.stringify({ requestId, timestamp, ...more }),
  })
  switch (result.kind) {
    case 'taken':
      return answer(200)
    case 'refused':
      return answer(result.status, { errorMessage: result.message })
    case 'later':
      return {
        ...answer(503, { errorMessage: result.message }),
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      }
  }
}
