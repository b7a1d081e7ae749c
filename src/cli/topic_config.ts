import { configFile, credentialsFile } from "../config/mod.ts";
import type { JsonSchema } from "../yaml/mod.ts";
import { paragraph, table } from "./table.ts";

type Properties = Readonly<Record<string, JsonSchema>>;

/** `help config`. */
export function configTopic(): readonly string[] {
  const top = propertiesOf(configFile.schema);
  const group = propertiesOf(top["groups"]);
  const account = propertiesOf(propertiesOf(credentialsFile.schema)["databases"]);
  const level = without(group, ["policies"]);
  const levelNames = Object.keys(level);
  return [
    ...paragraph("Keys of every level: the file, a group, a database. What is set lower down wins."),
    ...keyTable(level),
    "",
    "Keys of the file alone:",
    ...keyTable(without(top, levelNames)),
    "",
    "Keys of a policy:",
    ...keyTable(propertiesOf(top["policies"])),
    "",
    "Keys of a database, beside those of every level and `policies`:",
    ...keyTable(without(propertiesOf(top["databases"]), Object.keys(group))),
    "",
    "Keys of the credentials file, and of each account in it:",
    ...keyTable({ ...without(propertiesOf(credentialsFile.schema), []), ...account }),
  ];
}

/** The keys of a mapping, or of each item of a list or of a mapping of names. */
function propertiesOf(schema: JsonSchema | undefined): Properties {
  const { properties, items, additionalProperties } = schema ?? {};
  if (properties !== undefined) return properties;
  if (items !== undefined) return propertiesOf(items);
  return typeof additionalProperties === "object" ? propertiesOf(additionalProperties) : {};
}

function without(properties: Properties, names: readonly string[]): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !names.includes(name)));
}

/** What has a section of its own. */
const SECTIONS = ["policies", "groups", "databases", "default"];

function keyTable(properties: Properties): readonly string[] {
  return table(Object.entries(properties).flatMap(([name, schema]) => keyRows(name, schema)));
}

function keyRows(name: string, schema: JsonSchema): readonly (readonly string[])[] {
  const row = [name, `${schema.description ?? ""}${choicesText(schema)}`];
  if (SECTIONS.includes(name)) return [row];
  const prefix = schema.properties === undefined ? `${name}.NAME` : name;
  const below = Object.entries(propertiesOf(schema));
  return [row, ...below.flatMap(([key, inner]) => keyRows(`${prefix}.${key}`, inner))];
}

/** The words that it can be, where its text does not say them. */
function choicesText({ enum: choices = [], description = "" }: JsonSchema): string {
  const words = choices.filter((choice) => typeof choice === "string");
  return words.every((word) => description.includes(word)) ? "" : ` One of: ${words.join(", ")}.`;
}
