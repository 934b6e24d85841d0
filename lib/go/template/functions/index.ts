/** The function maps of templates: sprig's, and the one of Alloy's template and replace stages. */
import type { FunctionMap } from '../value.ts'
import { alloyOnly } from './alloy.ts'
import { regexFunctions } from './regex.ts'
import { cryptoFunctions } from './sprig-crypto.ts'
import { dateFunctions } from './sprig-dates.ts'
import { defaultFunctions, environmentFunctions } from './sprig-defaults.ts'
import { dictFunctions } from './sprig-dicts.ts'
import { listFunctions } from './sprig-lists.ts'
import { mathFunctions } from './sprig-math.ts'
import { pathFunctions } from './sprig-paths.ts'
import { semverFunctions } from './sprig-semver.ts'
import { stringFunctions } from './sprig-strings.ts'
import { urlFunctions } from './sprig-url.ts'

/** What functions see of the world outside. */
export interface FunctionOptions {
  /** One variable of the environment, for `env` and `expandenv`; default that of the process. */
  env?: (name: string) => string | undefined
  /** The time in milliseconds since 1970, for `now` and `ago`; default Date.now. */
  now?: () => number
}

function processEnv(name: string): string | undefined {
  return process.env[name]
}

/** The functions of sprig 3.3 for text (https://masterminds.github.io/sprig/). */
export function sprigFunctions(options: FunctionOptions = {}): FunctionMap {
  return new Map([
    ...stringFunctions,
    ...mathFunctions,
    ...listFunctions,
    ...dictFunctions,
    ...defaultFunctions,
    ...environmentFunctions(options.env ?? processEnv),
    ...regexFunctions,
    ...cryptoFunctions,
    ...pathFunctions,
    ...urlFunctions,
    ...semverFunctions,
    ...dateFunctions(options.now ?? Date.now),
  ])
}

/** Sprig's functions and those of Alloy's stages: ToLower, Replace, Hash and so on. */
export function alloyFunctions(options: FunctionOptions = {}): FunctionMap {
  return new Map([...sprigFunctions(options), ...alloyOnly])
}
