/** A name in the syntax of SQL, in back quotes; one in the name is doubled. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}
