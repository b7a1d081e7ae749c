import { type NameRow, TYPE_WORDS } from "../../../language/mod.ts";
import { VOCABULARY } from "../../../mysql/mod.ts";
import { SHARD_VOCABULARY } from "../../shard_vocabulary.ts";
import { paragraph, table } from "../../table.ts";

/** A name with more values than this lists them separately. */
const FEW = 4;

/** `help names`. */
export function namesTopic(): readonly string[] {
  const rows: readonly NameRow[] = [
    ...VOCABULARY.rows,
    ...VOCABULARY.families.map((family) => ({ ...family, name: `${family.name}.KEY` })),
  ];
  const cheap = rows.filter(({ costly }) => costly !== true);
  return [
    "Names of a database, in `when` and `until`, and in `where` and `protect` too:",
    ...nameTable(cheap.filter(({ scope }) => scope === "database")),
    "",
    ...paragraph(
      "Names of a shard, beside those of a database, in `when` and `until` of policies of `sharding`; without " +
        "`each: shard` in sum(…), avg(…), min(…), max(…), count(…):",
    ),
    ...nameTable(SHARD_VOCABULARY.rows.filter(({ name }) => VOCABULARY.row(name) === undefined)),
    "",
    "Names of a session, in `where` and `protect`:",
    ...nameTable(cheap.filter(({ scope }) => scope === "session")),
    "",
    ...paragraph(
      "Names of a session that are costly to read: only while a gate is open, and only of the sessions that the " +
        "rest of `where` leaves in question:",
    ),
    ...nameTable(rows.filter(({ costly }) => costly === true)),
    ...rows.flatMap(valueList),
  ];
}

function nameTable(rows: readonly NameRow[]): readonly string[] {
  return table(rows.map(({ name, type, meaning, values = [] }) => {
    const list = values.length > 0 && values.length <= FEW ? `: ${values.map(asString).join(" or ")}` : "";
    return [name, TYPE_WORDS[type].replace(/^an? /, ""), `${meaning}${list}`];
  }));
}

function valueList({ name, values = [] }: NameRow): readonly string[] {
  if (values.length <= FEW) return [];
  return [
    "",
    `Values of ${name}:`,
    ...paragraph(values.map((value, at) => `${asString(value)}${at + 1 < values.length ? "," : ""}`), "  "),
  ];
}

function asString(value: string): string {
  return `'${value}'`;
}
