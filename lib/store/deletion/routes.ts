/** `/loki/api/v1/delete`: takes, lists and cancels delete requests as Loki's compactor does, for curl and logcli. */
import { json, text, type Answer, type Request, type Route } from '../../net/server/router.ts'
import { LogqlError } from '../../logql/syntax/error.ts'
import { queryErrorText } from '../query/answers.ts'
import { requestParameters } from '../query/parameters.ts'
import { readDeleteParameters } from './delete-request.ts'
import type { Deletions } from './deletions.ts'

const PATH = '/loki/api/v1/delete'

/** `now` in milliseconds. */
export function deleteRoutes(deletions: Deletions, now: () => number): Route[] {
  if (deletions.options.deletionMode === 'disabled') {
    const handle = (): Answer => text(404, 'deletion_mode = "disabled": the store takes no delete requests')
    return [{ methods: ['GET', 'POST', 'PUT', 'DELETE'], path: PATH, handle }]
  }
  const route = (
    methods: readonly string[],
    handle: (values: URLSearchParams) => Promise<Answer>,
  ): Route => ({
    methods,
    path: PATH,
    handle: async (request: Request) => {
      const parameters = await requestParameters(request)
      return parameters.ok ? await handle(parameters.values) : text(parameters.status, parameters.message)
    },
  })
  return [
    route(['POST', 'PUT'], (values) => add(deletions, values, now())),
    route(['GET'], () => Promise.resolve(list(deletions))),
    route(['DELETE'], (values) => cancel(deletions, values, now())),
  ]
}

async function add(deletions: Deletions, values: URLSearchParams, now: number): Promise<Answer> {
  try {
    const { id } = await deletions.add(readDeleteParameters(values, now))
    return { status: 204, body: '', headers: { 'x-delete-request-id': id } }
  } catch (error) {
    if (!(error instanceof LogqlError)) throw error
    return text(400, queryErrorText(values.get('query') ?? '', error))
  }
}

// Loki answers 404 where its compactor doesn't delete; here it means that there was no request yet.
function list({ requests }: Deletions): Answer {
  if (requests.all.length === 0) return text(404, 'there are no delete requests')
  return json(
    200,
    requests.all.map(({ id, query, from, to, createdAt, processedAt }) => ({
      request_id: id,
      start_time: from / 1000,
      end_time: to / 1000,
      query,
      status: processedAt === undefined ? 'received' : 'processed',
      created_at: createdAt / 1000,
      user_id: '',
    })),
  )
}

async function cancel(deletions: Deletions, values: URLSearchParams, now: number): Promise<Answer> {
  const request = deletions.requests.find(values.get('request_id') ?? '')
  if (request === undefined) return text(404, 'could not find delete request with given id')
  if (request.processedAt !== undefined)
    return text(400, 'deletion of request which is in process or already processed is not allowed')
  const period = deletions.options.deleteRequestCancelPeriod
  if (request.createdAt + period < now && values.get('force') !== 'true')
    return text(
      400,
      `the request can't be cancelled any more: that is possible for ${period / 1000} s after its creation. Add force=true to cancel it all the same`,
    )
  await deletions.cancel(request)
  return { status: 204, body: '' }
}
