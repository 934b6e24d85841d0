/**
 * The flags of V8 that the published command runs with. V8 takes code from a code cache only with the flags it was made with, so
 * whatever makes or reads one sets these first.
 */
import { setFlagsFromString } from 'node:v8'

/** How the command starts; lib/cli/heap-bounds.ts changes both while it runs. */
export const GROWTH_FLAGS = {
  young: '--semi-space-growth-factor=2',
  old: '--heap-growing-percent=50',
} as const

const FLAGS = [
  // A second net under the check that every pattern passes when it is compiled: V8 then leaves a backtracking
  // search that has gone on for too long to its linear engine. Never done in library use, where the process is not ours.
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  // undici parses answers in WebAssembly. V8 would optimize its one large function at the first answer, which costs 0.2 to 0.3 s
  // of CPU and 30 MiB, and Loki's answers are a few bytes.
  '--liftoff-only',
  // V8 optimizes what has run for a while. Four times as long a while leaves out what isn't hot for long: the first 400,000 lines
  // of the bench take 9 to 13 % less CPU. Node 20 only: V8 12 doesn't know the flag, and would say so.
  ...(process.versions.v8.startsWith('11.') ? ['--interrupt-budget=264000'] : []),
  ...Object.values(GROWTH_FLAGS),
]

/** Before anything asks for V8's version tag, which has the flags in it, and again before a code cache is made. */
export function setV8Flags(): void {
  for (const flag of FLAGS) setFlagsFromString(flag)
}

/**
 * Has V8 optimize the WebAssembly that `compile` compiles, at once. For that of regular expressions it takes 1.3 ms, and the
 * transactions job 4 % less CPU from then on.
 */
export function optimizing<T>(compile: () => T): T {
  setFlagsFromString('--no-liftoff-only')
  setFlagsFromString('--no-liftoff')
  try {
    return compile()
  } finally {
    setFlagsFromString('--liftoff')
    setFlagsFromString('--liftoff-only')
  }
}
