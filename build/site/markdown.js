/** Markdown as the site shows it: anchors as GitHub makes them, code in colour, tables that scroll by themselves. */
import hljs from 'highlight.js/lib/core'
import bash from 'highlight.js/lib/languages/bash'
import diff from 'highlight.js/lib/languages/diff'
import ini from 'highlight.js/lib/languages/ini'
import json from 'highlight.js/lib/languages/json'
import typescript from 'highlight.js/lib/languages/typescript'
import yaml from 'highlight.js/lib/languages/yaml'
import { Marked } from 'marked'

const LANGUAGES = { alloy, bash, diff, ini, json, typescript, yaml }
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language)

/** Names that blocks and files use for them. */
const NAMES = { sh: 'bash', ts: 'typescript', yml: 'yaml', service: 'ini', env: 'bash' }

/** Alloy's language: comments, blocks, attributes, strings. */
function alloy() {
  const strings = [
    { className: 'string', begin: '"', end: '"', contains: [{ begin: /\\./ }] },
    { className: 'string', begin: '`', end: '`' },
  ]
  return {
    name: 'alloy',
    keywords: { literal: 'true false null' },
    contains: [
      { className: 'comment', begin: '//', end: '$' },
      { className: 'comment', begin: /\/\*/, end: /\*\// },
      ...strings,
      { className: 'attr', begin: /[A-Za-z_]\w*(?=\s*=[^=])/ },
      { className: 'title', begin: /^[ \t]*[a-z_][\w.]*(?=(?:\s+"[^"]*")?\s*\{)/ },
      { className: 'number', begin: /\b\d[\d.]*\b/ },
    ],
  }
}

/**
 * The page as HTML, with its title, its parts for the search, and its lists of links by heading for the navigation. `link`
 * rewrites addresses.
 */
export function renderMarkdown(markdown, link) {
  const slugs = new Map()
  const sections = [{ id: '', heading: '', text: '' }]
  const nav = []
  let title = ''
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const text = plain(this.parser.parseInline(tokens))
        const id = slug(text, slugs)
        if (depth === 1) title ||= text
        else sections.push({ id, heading: text, text: '' })
        if (depth === 2) nav.push({ heading: text, links: [] })
        const self = depth === 1 ? '' : ` <a class="self" href="#${id}" aria-label="Link to this part">#</a>`
        return `<h${depth} id="${id}">${this.parser.parseInline(tokens)}${self}</h${depth}>\n`
      },
      code({ text, lang }) {
        sections.at(-1).text += ` ${text}`
        return codeBlock(text, lang ?? '')
      },
      link({ href, tokens }) {
        const text = this.parser.parseInline(tokens)
        const to = link(href)
        nav.at(-1)?.links.push({ href: to, text: plain(text) })
        return `<a href="${escape(to)}">${text}</a>`
      },
      image({ href, text }) {
        return `<img src="${escape(link(href))}" alt="${escape(text)}" loading="lazy">`
      },
      table(token) {
        const cells = (row, tag) =>
          row.map((cell) => `<${tag}>${this.parser.parseInline(cell.tokens)}</${tag}>`).join('')
        const head = token.header.some(({ text }) => text !== '')
          ? `<thead><tr>${cells(token.header, 'th')}</tr></thead>`
          : ''
        const rows = token.rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')
        return `<div class="table" tabindex="0"><table>${head}<tbody>${rows}</tbody></table></div>\n`
      },
      text(token) {
        const html = token.tokens === undefined ? escape(token.text) : this.parser.parseInline(token.tokens)
        if (token.tokens === undefined) sections.at(-1).text += ` ${token.text}`
        return html
      },
      codespan({ text }) {
        sections.at(-1).text += ` ${text}`
        return `<code>${escape(text)}</code>`
      },
    },
  })
  const html = marked.parse(markdown.replaceAll(/^<!--[^]*?-->\n/gm, ''))
  return { title, html, sections, nav }
}

/** A file of code as a page. */
export function renderCode(path, text) {
  const extension = /\.(\w+)$/.exec(path)?.[1] ?? ''
  return {
    html: `<h1>${escape(path)}</h1>\n${codeBlock(text, extension)}`,
    sections: [],
    nav: [],
  }
}

function codeBlock(text, name) {
  const language = NAMES[name] ?? name
  const code =
    hljs.getLanguage(language) === undefined ? escape(text) : hljs.highlight(text, { language }).value
  return `<pre tabindex="0"><code>${code}</code></pre>\n`
}

// GitHub's: lower case, blanks become hyphens, what isn't a letter, digit, hyphen or underscore goes.
function slug(text, seen) {
  const base = text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-')
  const count = seen.get(base) ?? 0
  seen.set(base, count + 1)
  return count === 0 ? base : `${base}-${count}`
}

const plain = (html) =>
  html
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

export function escape(text) {
  return text
    .replaceAll(/&(?!(?:lt|gt|amp|quot|#\d+);)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
