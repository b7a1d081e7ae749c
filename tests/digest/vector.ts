/**
 * A statement, MySQL's digest text of it and ours. The files are in tests/digest/vectors/: `> ` a statement, in
 * which ␤ is a line feed, then `= ` the text that both have; or `~ ` ours alone, where MySQL does not parse the
 * statement; or, of a known difference, `# ` the reason, `m ` MySQL's text, and `~ ` ours.
 */
export interface Vector {
  readonly sql: string;
  /** STATEMENT_DIGEST_TEXT of MySQL 9.7.4, a default database and sql_mode; undefined where it cannot parse. */
  readonly mysql: string | undefined;
  readonly ours: string;
  /** Why the two differ, where MySQL has one. */
  readonly why: string | undefined;
}

const FOLDER = new URL("./vectors/", import.meta.url);

/** All vectors, by file in the order of the names. */
export const VECTORS: readonly Vector[] = [...Deno.readDirSync(FOLDER)]
  .map(({ name }) => name).sort()
  .flatMap((name) => parseVectors(Deno.readTextFileSync(new URL(name, FOLDER)), { name }));

function parseVectors(text: string, options: { readonly name: string }): readonly Vector[] {
  return text.split(/^> /m).slice(1).map((block) => {
    const [sql = "", ...lines] = block.trimEnd().replaceAll("\n", "\0").replaceAll("␤", "\n").split("\0");
    const field = (mark: string) => lines.find((line) => line.startsWith(mark))?.slice(2);
    const both = field("= ");
    const ours = both ?? field("~ ");
    const why = field("# ");
    const mysql = both ?? field("m ");
    const wellFormed = lines.every((line) => /^[=~m#] ./.test(line)) &&
      (why === undefined) === (mysql === both);
    if (ours === undefined || !wellFormed) throw new Error(`${options.name} has a bad vector: ${sql}`);
    return { sql, mysql, ours, why };
  });
}
