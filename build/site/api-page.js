/** The exports of the library, as `build/api.js` reads them, as a page of Markdown. */

const HEAD = `# What the library exports

Written by \`npm run docs:api\` from the types; [api.json](api.json) has the same for programs. How to use it: [the library](library.md),
[pino and winston](loggers.md). The functions of stages are in [stages](reference/stages.md), what the blocks of \`loki.write\` hold in
[its page](reference/loki.write.md).
`

/** `entries`: for each path to import from, its exports. */
export function apiPage(entries) {
  return [HEAD, ...entries.map(({ import: from, exports }) => section(from, exports))].join('\n')
}

function section(from, exports) {
  return [`## ${from}\n`, ...exports.map((each) => entry(each))].join('\n')
}

function entry({ name, kind, text, example, signature, members = [] }) {
  const parts = [
    `### ${name}\n`,
    `${kind === 'constant' ? 'A constant' : `A${kind === 'interface' ? 'n' : ''} ${kind}`}. ${text}\n`,
  ]
  if (signature !== undefined) parts.push(code(signature))
  if (example !== undefined) parts.push(code(example))
  if (members.length > 0)
    parts.push(
      `| member | |\n| --- | --- |\n${members.map((each) => `| \`${cell(each.signature)}\` | ${cell(each.text)} |`).join('\n')}\n`,
    )
  return parts.join('\n')
}

const code = (text) => `\`\`\`ts\n${text}\n\`\`\`\n`
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
