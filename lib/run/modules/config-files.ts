/** The config of a command line: one file, or a folder whose *.alloy files are one config. */
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { LogstreamError, reasonOf } from '../../errors.ts'
import { readBounded } from './bounded-file.ts'
import type { ConfigText } from './config-text.ts'
import type { ModuleFiles } from './imports.ts'

/** Reads it afresh. Throws IO with what to do when it can't be read. */
export function readConfig(path: string): ConfigText[] {
  const text = (file: string): ConfigText => ({
    source: { name: file, text: readText(file) },
    modulePath: resolve(dirname(file)),
  })
  if (!isFolder(path)) return [text(path)]
  const names = readdirSync(path)
    .filter((name) => name.endsWith('.alloy'))
    .sort()
  if (names.length === 0)
    throw new LogstreamError('IO', `the folder ${path} has no *.alloy files: name a config file`)
  return names.map((name) => text(join(path, name)))
}

function readText(path: string): string {
  try {
    return readBounded(path, { streams: true })
  } catch (error) {
    throw new LogstreamError('IO', `cannot read the config ${path}: ${reasonOf(error)}`, { cause: error })
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

/** Module files on this machine's disk. */
export const diskFiles: ModuleFiles = {
  read: (path) => readBounded(path),
  isFolder,
  list: (folder) => readdirSync(folder),
}
