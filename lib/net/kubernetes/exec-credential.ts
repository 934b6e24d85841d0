/**
 * Credentials from a program that a kubeconfig names, as those of EKS, GKE and AKS do
 * (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 */
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { LogstreamError, messageOf } from '../../errors.ts'

const run = promisify(execFile)

export interface ExecSettings {
  readonly apiVersion?: string
  readonly command?: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name?: string; readonly value?: string }[]
  readonly installHint?: string
}

interface Credential {
  readonly token: string | undefined
  readonly certificate: { readonly cert: string; readonly key: string } | undefined
  /** Milliseconds of Unix time. */
  readonly expires: number
}

export interface ExecCredential {
  /** Rejects with IO when the program fails or answers something else. Never repeats what it printed. */
  get(): Promise<Credential>
  forget(): void
}

/** A program that asks a cloud for a token; it may wait for the network. */
const PROGRAM_MS = 60_000
const MAX_OUTPUT_BYTES = 1024 * 1024
/** Renewed this many milliseconds before it expires. */
const EARLY_MS = 10_000

/** Runs the program when a credential is first needed, and again when it has expired. */
export function execCredential(
  settings: ExecSettings,
  server: string,
  now: () => number,
  folder: string,
): ExecCredential {
  let known: Credential | undefined
  let pending: Promise<Credential> | undefined
  return {
    get: async () => {
      if (known !== undefined && now() < known.expires - EARLY_MS) return known
      pending ??= ask(settings, server, folder).finally(() => (pending = undefined))
      known = await pending
      return known
    },
    forget: () => {
      known = undefined
    },
  }
}

async function ask(settings: ExecSettings, server: string, folder: string): Promise<Credential> {
  const { command = '', args = [], env = [], installHint, apiVersion } = settings
  // A path with a slash counts from the kubeconfig's folder; a plain name is looked up in PATH.
  const program = command.includes('/') ? resolve(folder, command) : command
  const info = { kind: 'ExecCredential', apiVersion, spec: { cluster: { server }, interactive: false } }
  try {
    const { stdout } = await run(program, [...args], {
      timeout: PROGRAM_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
      env: {
        ...process.env,
        ...Object.fromEntries(env.map(({ name = '', value = '' }) => [name, value])),
        KUBERNETES_EXEC_INFO: JSON.stringify(info),
      },
    })
    return credentialIn(stdout)
  } catch (error) {
    const { code } = error as { readonly code?: unknown }
    const problem = error instanceof SyntaxError ? "its output isn't JSON" : shortly(error, code)
    const hint = code === 'ENOENT' && installHint !== undefined ? `. ${installHint}` : ''
    throw new LogstreamError('IO', `the credential program "${command}" failed: ${problem}${hint}`, {
      cause: error,
      option: 'kubeconfig_file',
    })
  }
}

// The message of a failed program repeats its output, which may hold a token.
function shortly(error: unknown, code: unknown): string {
  if (error instanceof LogstreamError) return error.message
  return typeof code === 'number' ? `it ended with code ${code}` : messageOf(error).split('\n', 1)[0]!
}

function credentialIn(output: string): Credential {
  const { status } = JSON.parse(output) as {
    readonly status?: {
      readonly token?: string
      readonly clientCertificateData?: string
      readonly clientKeyData?: string
      readonly expirationTimestamp?: string
    }
  }
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp: end } = status ?? {}
  const certificate = cert !== undefined && key !== undefined ? { cert, key } : undefined
  if (token === undefined && certificate === undefined)
    throw new LogstreamError('IO', 'expected status.token or a client certificate, found neither')
  const expires = end === undefined ? NaN : Date.parse(end)
  return { token, certificate, expires: Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires }
}
