/** The config of a command line: one file, or a folder whose *.alloy files are one config. */
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LogstreamError, reasonOf } from '../../errors.ts'
import { readBounded } from './bounded-file.ts'
import type { ConfigText } from './config-text.ts'
import type { ModuleFiles } from './imports.ts'

/** Reads it afresh. Throws IO with what to do when it can't be read. */
export function readConfig(path: string): ConfigText[] {
  return filesOf(path).map((file) => ({
    source: { name: file, text: reading('config', file, () => readBounded(file, { streams: true })) },
    modulePath: resolve(dirname(file)),
  }))
}

function filesOf(path: string): readonly string[] {
  const names = reading('config', path, () => (isFolder(path) ? readdirSync(path) : undefined))
  if (names === undefined) return [path]
  const configs = names.filter((name) => name.endsWith('.alloy')).sort()
  if (configs.length === 0)
    throw new LogstreamError('IO', `the folder ${path} has no *.alloy files: name a config file`)
  return configs.map((name) => join(path, name))
}

function reading<T>(what: string, path: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw new LogstreamError('IO', `cannot read the ${what} ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Module files on this machine's disk. */
export const diskFiles: ModuleFiles = {
  read: (path) => reading('module', path, () => readBounded(path)),
  isFolder,
  list: (folder) => reading('module', folder, () => readdirSync(folder)),
}
