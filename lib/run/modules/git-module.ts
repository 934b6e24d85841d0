/**
 * `import.git`: modules from a git repository, through the git command. Each commit is checked out into a folder of
 * its own, which is moved into place once it is whole: processes that share a storage folder don't get in each other's way.
 */
import { spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readdir, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, resolve, sep } from 'node:path'
import type { Secret } from '../../alloy/value.ts'
import { LogstreamError, messageOf } from '../../errors.ts'
import { readBounded } from './bounded-file.ts'
import type { ModuleText } from './imports.ts'

export interface GitOptions {
  readonly repository: string
  readonly revision: string
  readonly path: string
  readonly pull_frequency: number
  readonly basic_auth: { readonly username: string; readonly password: Secret } | undefined
  readonly ssh_key:
    | {
        readonly username: string
        readonly key: Secret
        readonly key_file: string
        readonly passphrase: Secret
      }
    | undefined
}

const TIMEOUT_MS = 120_000
const REVISION = /^[\w][\w./@+-]*$/
// As in Alloy: these refer to the clone, not to the repository.
const SPECIAL = ['HEAD', 'FETCH_HEAD', 'ORIG_HEAD', 'MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REBASE_HEAD']

export class GitModule {
  readonly pollMs: number
  readonly #options: GitOptions
  readonly #folder: string
  #checkout: string | undefined

  /** Throws BAD_CONFIG, naming the option, for arguments that cannot work. */
  constructor(options: GitOptions, folder: () => string) {
    check(options)
    this.#options = options
    this.pollMs = options.pull_frequency
    const { repository, revision } = options
    this.#folder = join(
      folder(),
      createHash('sha256').update(`${repository}\n${revision}`).digest('hex').slice(0, 32),
    )
  }

  async read(): Promise<readonly ModuleText[]> {
    const commit = await this.#fetch()
    const checkout = await this.#checkOut(commit)
    const before = this.#checkout
    this.#checkout = checkout
    if (before !== undefined && before !== checkout) await rm(before, { recursive: true, force: true })
    return await textsIn(checkout, this.#options)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  get #repository(): string {
    return join(this.#folder, 'repository')
  }

  // The commit that the revision points to now. Without the network, the last one that was fetched.
  async #fetch(): Promise<string> {
    const { repository, revision } = this.#options
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    if (!existsSync(this.#repository)) await this.#git(['init', '--quiet', '--bare', this.#repository])
    const inside = ['--git-dir', this.#repository]
    const ref = `refs/logstream/${createHash('sha256').update(revision).digest('hex').slice(0, 16)}`
    try {
      await this.#git([
        ...inside,
        'fetch',
        '--quiet',
        '--depth',
        '1',
        '--',
        repository,
        `+${revision}:${ref}`,
      ])
    } catch (error) {
      if (isMissing(error)) throw error
      const known = await this.#git([...inside, 'rev-parse', '--verify', '--quiet', ref]).catch(() => '')
      if (known === '' || this.#checkout !== undefined) throw error
      return known
    }
    return await this.#git([...inside, 'rev-parse', '--verify', `${ref}^{commit}`])
  }

  async #checkOut(commit: string): Promise<string> {
    const target = join(this.#folder, commit)
    if (existsSync(target)) return target
    const partial = `${target}.${randomUUID()}`
    await mkdir(partial)
    try {
      const where = ['--git-dir', this.#repository, '--work-tree', partial]
      const index = { GIT_INDEX_FILE: join(partial, '.git-index') }
      await this.#git([...where, 'checkout', '--quiet', '--force', commit, '--', '.'], index)
      await rename(partial, target)
    } catch (error) {
      await rm(partial, { recursive: true, force: true })
      // Another process was faster.
      if (!existsSync(target)) throw error
    }
    return target
  }

  async #git(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
    return await runGit(args, { ...(await credentials(this.#options, this.#folder)), ...more })
  }
}

function check({ revision, basic_auth: basic, ssh_key: ssh }: GitOptions): void {
  if (SPECIAL.includes(revision) || !REVISION.test(revision) || revision.includes('..'))
    throw bad('revision', `expected a branch, a tag or a commit, found "${revision}"`)
  if (basic !== undefined && ssh !== undefined)
    throw bad('ssh_key', "basic_auth and ssh_key can't be used together: keep one of them")
  if (ssh !== undefined && (ssh.key.text === '') === (ssh.key_file === ''))
    throw bad('ssh_key', 'expected either key or key_file')
}

function bad(option: string, message: string): LogstreamError {
  return new LogstreamError('BAD_CONFIG', `${option}: ${message}`, { option })
}

// In the environment: every user of this machine can see arguments.
async function credentials(
  { repository, basic_auth: basic, ssh_key: ssh }: GitOptions,
  folder: string,
): Promise<Record<string, string>> {
  if (basic !== undefined) {
    const value = Buffer.from(`${basic.username}:${basic.password.text}`).toString('base64')
    const scope = URL.canParse(repository) ? `${new URL(repository).origin}/` : repository
    return {
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `http.${scope}.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${value}`,
    }
  }
  if (ssh === undefined) return {}
  const keyFile = ssh.key_file === '' ? join(folder, 'ssh-key') : resolve(ssh.key_file)
  if (ssh.key_file === '') await writeFile(keyFile, `${ssh.key.text.trim()}\n`, { mode: 0o600 })
  const command = `ssh -i ${quoted(keyFile)} -l ${quoted(ssh.username)} -o IdentitiesOnly=yes`
  if (ssh.passphrase.text === '') return { GIT_SSH_COMMAND: `${command} -o BatchMode=yes` }
  const askpass = join(folder, 'askpass')
  await writeFile(askpass, '#!/bin/sh\nprintf "%s\\n" "$LOGSTREAM_SSH_PASSPHRASE"\n', { mode: 0o700 })
  return {
    GIT_SSH_COMMAND: command,
    SSH_ASKPASS: askpass,
    SSH_ASKPASS_REQUIRE: 'force',
    LOGSTREAM_SSH_PASSPHRASE: ssh.passphrase.text,
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

function isMissing(error: unknown): boolean {
  return error instanceof LogstreamError && codeOf(error.cause) === 'ENOENT'
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

/** Returns what git writes, trimmed. Rejects with IO and git's own words. */
async function runGit(args: readonly string[], more: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn('git', args, {
    env: { ...process.env, GIT_TERMINAL_PROMPT: '0', ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
    // Not the `timeout` option: its timer is left running when the command doesn't exist.
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  let out = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk))
  return await new Promise((done, fail) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      fail(codeOf(error) === 'ENOENT' ? missing(error) : failed(args, messageOf(error)))
    })
    child.once('close', (code, signal) => {
      if (code === 0) done(out.trim())
      else fail(failed(args, said.trim() || `it ended with ${signal ?? code}`))
    })
  })
}

function missing(cause: unknown): LogstreamError {
  return new LogstreamError(
    'IO',
    'import.git needs the git command, which is not on PATH: install git, or use import.file or import.http',
    { cause },
  )
}

// Git repeats URLs, which may hold a password.
function failed(args: readonly string[], said: string): LogstreamError {
  const command = args.find((arg) => ['init', 'fetch', 'rev-parse', 'checkout'].includes(arg)) ?? ''
  const shown = said.replaceAll(/:\/\/[^\s/@]+@/g, '://')
  return new LogstreamError('IO', `git ${command} failed: ${shown}`, { option: 'repository' })
}

async function textsIn(
  checkout: string,
  { repository, revision, path }: GitOptions,
): Promise<readonly ModuleText[]> {
  const at = await inside(checkout, path)
  const nameOf = (file: string): string => `${shownRepository(repository)}@${revision}:${file}`
  if (!(await stat(at)).isDirectory())
    return [{ name: nameOf(path), text: readBounded(at), modulePath: dirname(at) }]
  const names = (await readdir(at)).filter((name) => name.endsWith('.alloy')).sort()
  if (names.length === 0) throw bad('path', `the folder "${path}" of the repository has no *.alloy files`)
  return await Promise.all(
    names.map(async (name) => ({
      name: nameOf(join(path, name)),
      text: readBounded(await inside(checkout, join(path, name))),
      modulePath: at,
    })),
  )
}

// Neither ".." nor a link may lead out of the repository.
async function inside(checkout: string, path: string): Promise<string> {
  const root = await realpath(checkout)
  const at = await realpath(join(root, path)).catch(() => undefined)
  if (at === undefined) throw bad('path', `the repository has no "${path}"`)
  if (at !== root && !at.startsWith(root + sep)) throw bad('path', `"${path}" leads out of the repository`)
  return at
}

function shownRepository(repository: string): string {
  return repository.replace(/:\/\/[^/@]+@/, '://')
}
