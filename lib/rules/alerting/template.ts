/** The templates of labels and annotations: Go's text/template with `$labels`, `$value` and what Prometheus adds. */
import { compileTemplate, type Template } from '../../go/template/gotemplate.ts'
import { fault, map, type GoMap, type TemplateData, type Value } from '../../go/template/value.ts'
import { messageOf } from '../../errors.ts'
import type { Labels } from '../rule.ts'
import { ruleFunctions, type TemplateWorld } from './template-functions.ts'

// Without line breaks, so that places in messages differ from those in the text in the first line only.
const PRELUDE =
  '{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}'

const NOWHERE: TemplateWorld = { externalUrl: '', now: 0 }

/** What a template is about. */
export interface TemplateSubject {
  readonly labels: Labels
  readonly externalLabels: Labels
  readonly externalUrl: string
  readonly value: number
}

/** Compiles a text. Throws BAD_TEMPLATE with its place for what isn't a template. */
export function compileText(text: string, world: TemplateWorld = NOWHERE): Template {
  // Most labels are plain, and cost nothing then.
  if (!text.includes('{{')) return { execute: () => text, parts: () => [text] }
  try {
    return compileTemplate(PRELUDE + text, ruleFunctions(world), {
      name: '__alert',
      missingKey: 'zero',
      elem: 'string',
    })
  } catch (error) {
    throw new Error(withoutPrelude(messageOf(error)), { cause: error })
  }
}

/** The text that a template makes; what fails becomes part of the text, as in Prometheus: an alert is worth more than its wording. */
export function expand(template: Template, subject: TemplateSubject): string {
  try {
    return template.execute(dataOf(subject))
  } catch (error) {
    return `<error expanding template: ${withoutPrelude(messageOf(error))}>`
  }
}

function withoutPrelude(message: string): string {
  // Of a template that can't be compiled, or of one that fails.
  return message.replace(
    /^(template(?: |: [^:]*:)1:)(\d+)/,
    (_all, place, column) => `${place}${Math.max(0, Number(column) - PRELUDE.length)}`,
  )
}

function dataOf({ labels, externalLabels, externalUrl, value }: TemplateSubject): TemplateData {
  const data = new Map<string, Value>([
    ['Labels', textMap(labels)],
    ['ExternalLabels', textMap(externalLabels)],
    ['ExternalURL', externalUrl],
    ['Value', value],
  ])
  return {
    // Of a struct, other fields are mistakes.
    get: (name) => {
      if (!data.has(name))
        throw fault(`can't evaluate field ${name}: there are ${[...data.keys()].join(', ')}`)
      return data.get(name)
    },
    keys: () => data.keys(),
  }
}

function textMap(labels: Labels): GoMap {
  return map(new Map(Object.entries(labels)), 'string')
}
