import { assertStringIncludes } from "@std/assert";
import { reportPage } from "../../../src/report/html/page.ts";
import type { Report } from "../../../src/report/model.ts";

/** What a page says: without its style sheet and tags, and with one space where there are several. */
export function textOf(report: Report): string {
  return reportPage(report).replace(/<style>.*?<\/style>/s, "").replace(/<[^>]*>/g, " ")
    .replaceAll("&#39;", "'").replace(/\s+/g, " ").replace(/ (?=[.,;:])/g, "");
}

export function assertSays(report: Report, ...texts: readonly string[]): void {
  const said = textOf(report);
  for (const text of texts) assertStringIncludes(said, text);
}
