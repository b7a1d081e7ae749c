/**
 * What a changelog says of a version: the section under `## VERSION - DATE`, without its heading. Throws where there
 * is none, or nothing in it: a release without notes is a mistake.
 */
export function notesOf(changelog: string, version: string): string {
  const [, ...sections] = changelog.split(/^## /m);
  const heading = new RegExp(`^${RegExp.escape(version)} - \\d{4}-\\d{2}-\\d{2}$`);
  const found = sections.filter((section) => heading.test(section.split("\n", 1)[0]!.trim()));
  if (found.length !== 1) {
    const headings = sections.map((section) => `"${section.split("\n", 1)[0]!.trim()}"`).join(", ");
    throw new Error(`CHANGELOG.md needs one section "## ${version} - YYYY-MM-DD", and it has ${headings}`);
  }
  const text = found[0]!.slice(found[0]!.indexOf("\n") + 1).trim();
  if (text === "") throw new Error(`CHANGELOG.md says nothing of ${version}`);
  return `${text}\n`;
}

/** Throws where a tag is not the one of this version. */
export function checkTag(tag: string, version: string): void {
  if (tag !== `v${version}`) {
    throw new Error(`the tag is "${tag}", and deno.json says ${version}: the tag has to be "v${version}"`);
  }
}
