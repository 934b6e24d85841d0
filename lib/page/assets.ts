/** Serves the page: its document, and the scripts and styles that `npm run build` bundles into `dist/assets`. */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { gzipSync } from 'node:zlib'
import { text, type Answer, type Request, type Route } from '../net/server/router.ts'
import { document } from './document.ts'

const FOLDER = new URL('../../assets/', import.meta.url)

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

interface Asset {
  readonly type: string
  readonly body: Buffer
  readonly packed: Buffer
  readonly tag: string
}

/**
 * The routes of the page below `prefix`, which ends with `/`. Scripts and styles come from files only; the nonce is for
 * the style elements that the editor writes itself.
 */
export function pageRoutes(prefix: string, folder: URL = FOLDER): readonly Route[] {
  const assets = new Map<string, Asset>()
  return [
    { methods: ['GET'], path: prefix, handle: () => page() },
    {
      methods: ['GET'],
      path: `${prefix}assets/*`,
      handle: (request) => asset(request, request.path.slice(`${prefix}assets/`.length), folder, assets),
    },
  ]
}

function page(): Answer {
  const nonce = randomBytes(16).toString('base64')
  return {
    status: 200,
    type: 'text/html; charset=utf-8',
    body: document(nonce),
    headers: {
      'content-security-policy': [
        "default-src 'none'",
        "script-src 'self'",
        `style-src 'self' 'nonce-${nonce}'`,
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ].join('; '),
    },
  }
}

// Files are read when they're first asked for, and kept: together they take less than a megabyte.
function asset({ headers }: Request, name: string, folder: URL, known: Map<string, Asset>): Answer {
  const found = known.get(name) ?? read(name, folder)
  if (found === undefined) return text(404, `the page has no file ${name}`)
  known.set(name, found)
  const common = { etag: found.tag, 'cache-control': 'no-cache', vary: 'accept-encoding' }
  if (headers['if-none-match'] === found.tag)
    return { status: 304, type: found.type, body: '', headers: common }
  const gzip = /\bgzip\b/.test(String(headers['accept-encoding'] ?? ''))
  return {
    status: 200,
    type: found.type,
    body: gzip ? found.packed : found.body,
    headers: gzip ? { ...common, 'content-encoding': 'gzip' } : common,
  }
}

// Only a name that is listed is read, so that no path leads out of the folder.
function read(name: string, folder: URL): Asset | undefined {
  const type = TYPES[extname(name)]
  if (type === undefined || !listed(folder).includes(name)) return undefined
  const body = readFileSync(new URL(name, folder))
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  return { type, body, packed: gzipSync(body), tag }
}

function listed(folder: URL): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
