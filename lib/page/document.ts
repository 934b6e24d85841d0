/** The document of the page: nothing but the way to its script and style. */
import { VERSION } from '../version.ts'

// A rounded square with three lines of a log, the middle one found.
const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Crect width='16' height='16' rx='4' fill='%230f766e'/%3E%3Cpath d='M4 5h8M4 11h5' stroke='%2399f6e4' stroke-width='1.6' stroke-linecap='round'/%3E%3Cpath d='M4 8h6' stroke='%23fff' stroke-width='1.6' stroke-linecap='round'/%3E%3C/svg%3E"

/** Addresses are relative, so that the page works below any prefix. */
export function document(nonce: string): string {
  return `<!doctype html>
<html lang="en" data-nonce="${nonce}" data-version="${VERSION}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>logstream</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="assets/main.css">
<script type="module" src="assets/main.js"></script>
</head>
<body><div id="page"></div><noscript>This page needs JavaScript. Without it: <a href="api/v0/web/components">components as JSON</a>.</noscript></body>
</html>
`
}
