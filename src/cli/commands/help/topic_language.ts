import { FORMS, TRUTHS, type Type, TYPE_WORDS, unitsOf } from "../../../language/mod.ts";
import { paragraph, table } from "../../table.ts";

/** How each type is written. */
const EXAMPLES: Readonly<Record<Type, string>> = {
  number: "100, 1.5M",
  duration: "30s, 1.5h",
  bytes: "64MiB",
  percent: "80%",
  string: "'app', \"app\"",
  boolean: "replica, not read_only",
};

/** `help language`. */
export function languageTopic(): readonly string[] {
  return [
    ...paragraph(
      "Conditions stand in `when`, `until`, `where` and `protect`. They are written like those of SQL; names and " +
        "words may be in either letter case. `query-sniper help names` lists the names.",
    ),
    "",
    "Conditions:",
    ...table(FORMS.map(({ form, meaning }) => [form, meaning])),
    "",
    "Values:",
    ...table([
      ...(Object.keys(EXAMPLES) as Type[]).map((type) => [EXAMPLES[type], typeText(type)]),
      ["limits.NAME", "a limit of the configuration, as it is for the database"],
    ]),
    "",
    ...TRUTHS.flatMap((text) => [...paragraph(text), ""]).slice(0, -1),
  ];
}

function typeText(type: Type): string {
  switch (type) {
    case "string":
      return `${TYPE_WORDS[type]}: compares exactly; its quote is written twice inside`;
    case "boolean":
      return `${TYPE_WORDS[type]}: a name may be one by itself`;
    case "number":
      return `${TYPE_WORDS[type]}, with or without ${unitsOf(type)}`;
    default:
      return `${TYPE_WORDS[type]}, always with its unit: ${unitsOf(type)}`;
  }
}
