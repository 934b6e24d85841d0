/** The frame of a page: navigation, search, text. */
import { escape } from './markdown.js'

/** `place`: the page in the site; `root`: the way from it to the site's folder; `nav`: links of the home page by heading. */
export function pageHtml({ page, place, root, nav }) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(page.title)}${place === 'index.html' ? '' : ' – logstream'}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${root}style.css">
<a class="skip" href="#text">Skip to the text</a>
<header>
  <a class="home" href="${root}index.html">logstream</a>
  <div class="search">
    <input type="search" placeholder="Search" aria-label="Search" data-root="${root}" autocomplete="off">
    <ul class="found" hidden></ul>
  </div>
</header>
<div class="columns">
<details class="menu">
  <summary>All pages</summary>
  ${navHtml(nav, place, root)}
</details>
<nav class="side" aria-label="Pages">${navHtml(nav, place, root)}</nav>
<main id="text">
${page.html}</main>
</div>
<script src="${root}search.js" defer></script>
</html>
`
}

function navHtml(nav, place, root) {
  return nav
    .filter(({ links }) => links.some(({ href }) => !/^[a-z]+:/.test(href)))
    .map(({ heading, links }) => {
      const open = heading !== 'Decisions' || links.some(({ href }) => href === place)
      const items = links
        .filter(({ href }) => !/^[a-z]+:|#/.test(href))
        .map(({ href, text }) => {
          const here = href === place ? ' aria-current="page"' : ''
          return `<li><a href="${root}${href}"${here}>${escape(text)}</a></li>`
        })
      return `<details${open ? ' open' : ''}><summary>${escape(heading)}</summary><ul>${items.join('')}</ul></details>`
    })
    .join('\n')
}
