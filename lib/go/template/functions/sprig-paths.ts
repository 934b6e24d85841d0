/** Sprig's functions of slash-separated paths (Go's path package, and path/filepath as on Unix). */
import { fixed } from '../function.ts'
import type { TemplateFunction } from '../value.ts'

/** The shortest equal path: no `.`, no inner `..`, no double slashes; `.` for an empty one. */
function clean(path: string): string {
  const rooted = path.startsWith('/')
  const kept: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') kept.push(part)
    else if (kept.length > 0 && kept.at(-1) !== '..') kept.pop()
    else if (!rooted) kept.push('..')
  }
  const joined = kept.join('/')
  if (rooted) return `/${joined}`
  return joined === '' ? '.' : joined
}

function base(path: string): string {
  if (path === '') return '.'
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end--
  return end === 0 ? '/' : path.slice(path.lastIndexOf('/', end - 1) + 1, end)
}

function dir(path: string): string {
  return clean(path.slice(0, path.lastIndexOf('/') + 1))
}

/** From the last dot of the last part; empty if there is none. */
function ext(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot < 0 ? '' : name.slice(dot)
}

const functions: readonly [string, string, TemplateFunction][] = [
  ['base', 'osBase', fixed(['string'], base)],
  ['dir', 'osDir', fixed(['string'], dir)],
  ['clean', 'osClean', fixed(['string'], clean)],
  ['ext', 'osExt', fixed(['string'], ext)],
  ['isAbs', 'osIsAbs', fixed(['string'], (path) => path.startsWith('/'))],
]

export const pathFunctions: readonly [string, TemplateFunction][] = functions.flatMap(
  ([name, osName, fn]): [string, TemplateFunction][] => [
    [name, fn],
    [osName, fn],
  ],
)
