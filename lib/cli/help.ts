/** The text of `logstream COMMAND --help`. */
import type { Command, Flag, Flags } from './command.ts'

const WIDTH = 84
/** Flags with longer names have their text on the next line. */
const WIDEST = 28

export function helpText({ usage, about, flags, notes }: Command): string {
  const heads = usage.map((line, i) => `${i === 0 ? 'Usage:' : '      '} ${line}`)
  const parts = [
    heads.join('\n'),
    about.replaceAll(/^\n+|\s+$/g, ''),
    ...flagLists(flags),
    notes?.trim() ?? '',
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** `-c, --config FILE` */
function flagLabel(name: string, { short, value }: Flag): string {
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}

/** Flags by the heading they belong to; '' has those without. */
export function flagGroups(flags: Flags): ReadonlyMap<string, readonly [string, Flag][]> {
  const groups = new Map<string, [string, Flag][]>()
  for (const [name, flag] of Object.entries(flags)) {
    const group = groups.get(flag.group ?? '') ?? []
    groups.set(flag.group ?? '', group)
    group.push([name, flag])
  }
  return groups
}

function flagLists(flags: Flags): string[] {
  return [...flagGroups(flags)].flatMap(([heading, group]) => [heading, flagList(group)])
}

function flagList(flags: readonly [string, Flag][]): string {
  const lead = flags.some(([, { short }]) => short !== undefined) ? '    ' : ''
  const labels = flags.map(([name, flag]) => {
    const label = flagLabel(name, flag)
    return flag.short === undefined ? lead + label : label
  })
  const widths = labels.map((label) => label.length).filter((width) => width <= WIDEST)
  const column = Math.max(...widths, 8) + 4
  return flags
    .map(([, { doc }], i) => {
      const label = `  ${labels[i]!}`
      const lines = wrapped(doc, WIDTH - column)
      const first = label.length + 2 > column ? [label] : [label.padEnd(column) + lines.shift()!]
      return [...first, ...lines.map((line) => ' '.repeat(column) + line)].join('\n')
    })
    .join('\n')
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
