#!/usr/bin/env node
/**
 * The command as it is published: one script, command.cjs, that V8 takes from its code cache instead of parsing and
 * compiling it. `npm run build` names this file logstream.js and lays a code cache for the Node that builds beside it.
 * With another Node, or other V8 flags, the first run makes one in the user's cache folder.
 *
 * Anyone who can write a code cache can run code. The one of the build is as safe as the program beside it; the user's is
 * taken only if it and its folder belong to the user and no one else can write them.
 */
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'
import { setV8Flags } from '../lib/cli/v8-flags.ts'

/** What the script is: a function that finds files of the package from `dist`, a URL. */
type Bundle = (
  require: NodeJS.Require,
  dist: string,
  load: (name: string) => Promise<unknown>,
) => { runProcess: (script: string) => Promise<void> }

/** Files for other versions and flags are kept too, but not more than this in all: 1 to 3 MB each. */
const KEPT = 12
/** Milliseconds after which a service has compiled what it needs. */
const SETTLED_MS = 10_000

// The build fills these in. The hash tells scripts apart; V8 itself compares their lengths only.
const VERSION = '__VERSION__'
const HASH = '__HASH__'

// Scripts ask for it often, and would wait five times as long for the whole command to answer.
if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2]!))
  process.stdout.write(`logstream ${VERSION}\n`)
else await start()

async function start(): Promise<void> {
  setV8Flags()
  const filename = beside('command.cjs')
  // ASCII only, so that nothing has to be decoded.
  const source = fs.readFileSync(filename, 'latin1')
  const tag = `${process.versions.node}-${process.arch}-${cachedDataVersionTag()}`
  // Another command's cache lacks much of what this one needs, and would be as good as final. The build makes one for `store`,
  // and one for all others.
  const command = /^[a-z]+$/.exec(process.argv[2] ?? '')?.[0] ?? 'none'
  const own = `${HASH}-${tag}-${command}.cache`
  const script =
    cached(source, filename, () => fs.readFileSync(beside(`${tag}-${command}.cache`))) ??
    cached(source, filename, () => fs.readFileSync(beside(`${tag}.cache`))) ??
    cached(source, filename, () => readOwn(own)) ??
    compiled(source, filename, own)
  const bundle = script.runInThisContext() as Bundle
  const dist = new URL('../', import.meta.url).href
  const { runProcess } = bundle(createRequire(filename), dist, (name) => import(name))
  await runProcess(filename)
}

function beside(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url))
}

/** The script from a code cache, or undefined if there is none that V8 takes. */
function cached(source: string, filename: string, read: () => Buffer | undefined): Script | undefined {
  let cachedData: Buffer | undefined
  try {
    cachedData = read()
  } catch {
    // Missing, or unreadable.
  }
  if (cachedData === undefined) return undefined
  const script = new Script(source, { filename, cachedData })
  return script.cachedDataRejected === true ? undefined : script
}

/** The script from its source. Its code is kept for the next start once most of what is needed has been compiled. */
function compiled(source: string, filename: string, name: string): Script {
  const script = new Script(source, { filename })
  const save = (): void => {
    clearTimeout(timer)
    process.off('exit', save)
    // What ends with an error, as with a mistake in the config, hasn't come to most of its code.
    if (!process.exitCode) keep(script, name)
  }
  const timer = setTimeout(save, SETTLED_MS).unref()
  process.on('exit', save)
  return script
}

function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME: caches = '', HOME: home = '' } = process.env
  if (caches.startsWith('/')) return `${caches}/logstream`
  return home.startsWith('/') ? `${home}/.cache/logstream` : undefined
}

function readOwn(name: string): Buffer | undefined {
  const folder = cacheFolder()
  if (folder === undefined || !isOwn(fs.lstatSync(folder))) return undefined
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants
  const fd = fs.openSync(`${folder}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = fs.fstatSync(fd)
    return stats.isFile() && isOwn(stats) ? fs.readFileSync(fd) : undefined
  } finally {
    fs.closeSync(fd)
  }
}

/** Whether it belongs to the user, who alone can write it. */
function isOwn({ uid, mode }: fs.Stats): boolean {
  return uid === process.geteuid?.() && (mode & 0o022) === 0
}

// A folder that can't be used costs time at each start, and isn't an error.
function keep(script: Script, name: string): void {
  const folder = cacheFolder()
  if (folder === undefined) return
  const temporary = `${folder}/${process.pid}-${Date.now()}.tmp`
  // lib/cli/heap-bounds.ts may have changed some, and will again.
  setV8Flags()
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!isOwn(fs.lstatSync(folder))) return
    const fd = fs.openSync(temporary, 'wx', 0o600)
    try {
      fs.writeFileSync(fd, script.createCachedData())
      fs.fsyncSync(fd)
    } finally {
      fs.closeSync(fd)
    }
    fs.renameSync(temporary, `${folder}/${name}`)
    const age = (file: string): number => fs.statSync(`${folder}/${file}`).mtimeMs
    const files = fs.readdirSync(folder).filter((file) => file.endsWith('.cache'))
    for (const file of files.sort((a, b) => age(b) - age(a)).slice(KEPT)) fs.unlinkSync(`${folder}/${file}`)
  } catch {
    remove(temporary)
  }
}

function remove(path: string): void {
  try {
    fs.unlinkSync(path)
  } catch {
    // It was never made, or stays until someone tidies up.
  }
}
