import { createHash } from "node:crypto";
import type { Report } from "../model.ts";
import { barsSection } from "./bars.ts";
import { comparisonSection } from "./comparison.ts";
import { figuresSection } from "./figures.ts";
import { header, pageTitle } from "./header.ts";
import { healthSection } from "./health.ts";
import { gapsSection, gatesSection, proposalsSection } from "./lists.ts";
import { Markup, markup } from "./markup.ts";
import { queriesSection } from "./query_table.ts";
import { STYLE } from "./style/style.ts";

/** Nothing is loaded and nothing runs: the one style sheet is known by its hash, and the empty icon saves a request. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** How a time without data looks in charts. */
const HATCH = markup`<svg class="defs" width="0" height="0" aria-hidden="true">
<defs>
<pattern id="hatch" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
<rect class="hatch-ground" width="8" height="8" />
<rect class="hatch-line" width="3" height="8" />
</pattern>
</defs>
</svg>`;

/** A report as a page: one file that needs nothing else, to be read on a screen, on paper or aloud. */
export function reportPage(report: Report): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${new Markup(POLICY)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${pageTitle(report)}</title>
<link rel="icon" href="data:,">
<style>${new Markup(STYLE)}</style>
</head>
<body>
<a class="skip" href="#queries">To the table</a>
${HATCH}
${header(report)}
<main>
${figuresSection(report)}
${barsSection(report)}
${comparisonSection(report)}
${queriesSection(report)}
${proposalsSection(report)}
${healthSection(report)}
${gatesSection(report)}
${gapsSection(report)}
</main>
<footer><p>Time wasted is for how long what was killed, or would have been, had run or rested by then; mean and worst are of the same. Figures say what the journal holds; a time without looks is a gap, not a zero.</p></footer>
</body>
</html>`.text;
}
