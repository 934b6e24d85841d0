/** Requests to the process that serves the page. */

/** What a server refused or could not answer, in its own words. */
class AnswerError extends Error {
  /** 0: there was no answer. */
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.name = 'AnswerError'
    this.status = status
  }
}

export interface AskOptions {
  /** POST for what changes something; GET if left out. */
  readonly method?: 'GET' | 'POST'
  readonly signal?: AbortSignal
  /** Sent as JSON with a POST request. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The JSON at an address below the page's own. Rejects with AnswerError, and with the signal's reason. */
export async function askJson<T>(path: string, options: AskOptions = {}): Promise<T> {
  return (await (await ask(path, options)).json()) as T
}

/** The JSON texts of an answer without an end, one a line, as they come. Rejects as `askJson` does. */
export async function* askLive<T>(path: string, options: AskOptions = {}): AsyncGenerator<T> {
  const { body } = await ask(path, options)
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { value, done } = await reader.read()
    if (done) return
    const texts = (rest + value).split('\n')
    rest = texts.pop()!
    for (const text of texts) yield JSON.parse(text) as T
  }
}

async function ask(path: string, { method, signal, headers, body }: AskOptions): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, {
      method,
      signal,
      headers,
      ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
    })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new AnswerError(0, 'no answer: is logstream still running?')
  }
  if (!response.ok) {
    const reason = (await response.text()).trim()
    throw new AnswerError(response.status, reason === '' ? `status ${response.status}` : reason)
  }
  return response
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
