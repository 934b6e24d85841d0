/** The steps of an explanation as a flat list of bounded size, for the page and `logstream tap`. */
import { changesBetween, type Change } from '../flow/snapshot.ts'
import type { RegexMiss, SelectorPart, StageStep } from './explain.ts'
import { plural } from '../formats/plural.ts'

export interface Step {
  /** Its place and name, with those of the stages around it: `4.match/1.regex`. */
  readonly stage: string
  /** `file:line` of its block, where it was read from a config. */
  readonly place?: string
  readonly outcome: 'passed' | 'dropped' | 'held'
  readonly reason?: string
  /** How many entries it was split into. */
  readonly parts?: number
  readonly changes: readonly Change[]
  readonly selector?: readonly SelectorPart[]
  readonly regex?: RegexMiss
}

/** Longer values are cut. */
const LONGEST = 4096
/** How much of a long subject is kept before the place where the pattern failed. */
const BEFORE = 1024

/** Returns the steps in order, each followed by those inside it. */
export function flatSteps(steps: readonly StageStep[], within = ''): Step[] {
  return steps.flatMap((step, i) => {
    const stage = `${within}${i + 1}.${step.stage}`
    const { place, outcome, reason, selector, regex, before, after, inner } = step
    const first = after[0]
    // The inner steps show the changes.
    const changes = first === undefined || inner !== undefined ? [] : changesBetween(before, first)
    const flat: Step = {
      stage,
      place,
      outcome,
      reason,
      parts: after.length > 1 ? after.length : undefined,
      changes: changes.map(cutChange),
      selector,
      regex: regex === undefined ? undefined : cutMiss(regex),
    }
    return [flat, ...flatSteps(inner ?? [], `${stage}/`)]
  })
}

/** Returns the text, or its beginning and its length. */
export function cut(text: string, longest = LONGEST): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}… (${plural(text.length, 'character')})`
}

export function cutChange({ of, name, ...values }: Change): Change {
  const short = Object.entries(values).map(
    ([when, value]) => [when, typeof value === 'string' ? cut(value) : value] as const,
  )
  return { of, name: cut(name), ...Object.fromEntries(short) }
}

// Keeps the part around the failure.
function cutMiss({ pattern, subject, progress }: RegexMiss): RegexMiss {
  const from = Math.max(0, (progress?.at ?? 0) - BEFORE)
  const shown = from === 0 && subject.length <= LONGEST ? subject : subject.slice(from, from + LONGEST)
  return {
    pattern,
    subject: shown,
    progress:
      progress === undefined
        ? undefined
        : {
            ...progress,
            at: progress.at - from,
            ...(progress.found === undefined ? {} : { found: cut(progress.found) }),
          },
  }
}
