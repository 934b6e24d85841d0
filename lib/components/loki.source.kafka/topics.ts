/** The topics of a config: names, and patterns for those that begin with ^. */
import { LogstreamError } from '../../errors.ts'
import { compile, type Regexp } from '../../go/regexp/regexp.ts'
import type { Cluster, Leaders } from '../../net/kafka/cluster.ts'

export class Topics {
  readonly #names: readonly string[]
  readonly #patterns: readonly Regexp[]

  /** Throws BAD_CONFIG (option `option`) for an empty list or name, and for a pattern that RE2 doesn't know. */
  constructor(topics: readonly string[], option: string) {
    if (topics.length === 0 || topics.includes(''))
      throw new LogstreamError(
        'BAD_CONFIG',
        `${option}: name at least one topic, each by a text that isn't empty`,
        {
          option,
        },
      )
    this.#names = topics.filter((topic) => !topic.startsWith('^'))
    try {
      this.#patterns = topics.filter((topic) => topic.startsWith('^')).map((pattern) => compile(pattern))
    } catch (error) {
      if (!(error instanceof LogstreamError)) throw error
      throw new LogstreamError(error.code, `${option}: ${error.message}`, { cause: error, option })
    }
  }

  /** Those that exist. */
  async find(cluster: Cluster): Promise<ReadonlyMap<string, Leaders>> {
    if (this.#patterns.length === 0) return await cluster.topics(this.#names)
    const all = await cluster.topics()
    return new Map([...all].filter(([name]) => this.#takes(name)))
  }

  #takes(name: string): boolean {
    return this.#names.includes(name) || this.#patterns.some((pattern) => pattern.test(name))
  }
}
