/** Which tenants a client may use: bearer tokens and passwords in a file, which is read again when it changes. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { LogstreamError, messageOf } from '../../errors.ts'
import { isNull, parseYaml, type MapNode, type Node } from '../../go/yaml/tree.ts'
import type { Clock } from '../../flow/clock.ts'
import type { Logger } from '../../telemetry/log.ts'
import { nameProblem } from './names.ts'

/** The file is looked at when a request comes, at most this often. */
const LOOK_MS = 1000

interface Entry {
  readonly tenant: string
  /** SHA-256 of the bearer token, or of `user:password`. */
  readonly digest: Buffer
}

interface Tokens {
  readonly bearer: readonly Entry[]
  readonly basic: readonly Entry[]
}

export class TenantCredentials {
  readonly #path: string
  readonly #clock: Clock
  readonly #log: Logger
  #tokens: Tokens
  #stamp: string
  #lookedAt: number

  /** Reads the file. Throws BAD_CONFIG, without repeating a secret, and IO. */
  constructor(path: string, clock: Clock, log: Logger) {
    this.#path = path
    this.#clock = clock
    this.#log = log
    this.#stamp = stampOf(path)
    this.#lookedAt = clock.now()
    this.#tokens = readTokens(path)
  }

  /** The tenants that the header `Authorization` is good for; none for a header that isn't known. */
  tenantsOf(authorization: string | undefined): ReadonlySet<string> {
    this.#look()
    const [, scheme = '', value = ''] = /^(basic|bearer) +(\S+) *$/i.exec(authorization ?? '') ?? []
    const isBasic = scheme.toLowerCase() === 'basic'
    const given = digest(isBasic ? Buffer.from(value, 'base64').toString('utf8') : value)
    const found = new Set<string>()
    // All of them, so that the time doesn't tell which one was near.
    for (const { tenant, digest: known } of isBasic ? this.#tokens.basic : this.#tokens.bearer)
      if (timingSafeEqual(given, known) && value !== '') found.add(tenant)
    return found
  }

  #look(): void {
    const now = this.#clock.now()
    if (now - this.#lookedAt < LOOK_MS && now >= this.#lookedAt) return
    this.#lookedAt = now
    const stamp = stampOf(this.#path)
    if (stamp === this.#stamp) return
    this.#stamp = stamp
    try {
      this.#tokens = readTokens(this.#path)
      this.#log.info('the credentials of tenants were read again', { path: this.#path })
    } catch (error) {
      this.#log.error('the credentials of tenants cannot be read, the old ones stay', {
        error: messageOf(error),
      })
    }
  }
}

function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs}`
  } catch {
    return ''
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function readTokens(path: string): Tokens {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new LogstreamError('IO', `cannot read the credentials of tenants: ${messageOf(error)}`, {
      cause: error,
    })
  }
  const { root, problems } = parseYaml(text)
  // The text of a YAML error may quote a secret.
  if (problems.length > 0) throw bad(path, text, problems[0]!.range.start, 'the YAML is malformed')
  const bearer: Entry[] = []
  const basic: Entry[] = []
  for (const [tenant, node] of mapOf(path, text, root, 'tenants by name')) {
    const problem = nameProblem(tenant)
    if (problem !== undefined) throw bad(path, text, node.range.start, problem)
    for (const [kind, of] of mapOf(path, text, node, '"bearer" and "basic"')) {
      if (kind === 'bearer')
        for (const item of listOf(path, text, of, 'tokens'))
          bearer.push({ tenant, digest: digest(textOf(path, text, item)) })
      else if (kind === 'basic')
        for (const [user, password] of mapOf(path, text, of, 'passwords by user'))
          basic.push({ tenant, digest: digest(`${user}:${textOf(path, text, password)}`) })
      else throw bad(path, text, of.range.start, 'expected "bearer" or "basic"')
    }
  }
  return { bearer, basic }
}

function bad(path: string, text: string, at: number, message: string): LogstreamError {
  const before = text.slice(0, at).split('\n')
  return new LogstreamError('BAD_CONFIG', `${path}:${before.length}:${before.at(-1)!.length + 1}: ${message}`)
}

function mapOf(path: string, text: string, node: Node, what: string): readonly (readonly [string, Node])[] {
  if (isNull(node)) return []
  if (node.kind !== 'map') throw bad(path, text, node.range.start, `expected a map of ${what}`)
  return (node satisfies MapNode).entries.map(({ key, value }) => [key, value])
}

function listOf(path: string, text: string, node: Node, what: string): readonly Node[] {
  if (node.kind !== 'list') throw bad(path, text, node.range.start, `expected a list of ${what}`)
  return node.items
}

function textOf(path: string, text: string, node: Node): string {
  if (node.kind === 'scalar' && node.text !== '') return node.text
  throw bad(path, text, node.range.start, 'expected a text that is not empty')
}
