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
  readonly headers?: Readonly<Record<string, string>>
}

/** The JSON at an address below the page's own. Rejects with AnswerError, and with the signal's reason. */
export async function askJson<T>(path: string, { method, signal, headers }: AskOptions = {}): Promise<T> {
  let response: Response
  try {
    response = await fetch(path, { method, signal, headers })
  } catch (error) {
    if (signal?.aborted === true) throw error
    throw new AnswerError(0, 'no answer: is logstream still running?')
  }
  if (!response.ok) {
    const reason = (await response.text()).trim()
    throw new AnswerError(response.status, reason === '' ? `status ${response.status}` : reason)
  }
  return (await response.json()) as T
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
