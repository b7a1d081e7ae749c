import { configFile, credentialsFile } from "../../../config/mod.ts";
import type { JsonSchema } from "../../../yaml/mod.ts";
import { paragraph, table } from "../../table.ts";

type Properties = Readonly<Record<string, JsonSchema>>;

/** A group of keys with their meanings. */
interface KeyTable {
  readonly name: string;
  /** Where these keys may be set. */
  readonly heading: string;
  readonly rows: readonly (readonly [key: string, meaning: string])[];
}

/** `help config`. */
export function configTopic(): readonly string[] {
  return keyTables().flatMap(({ heading, rows }, at) => [
    ...at === 0 ? [] : [""],
    ...paragraph(heading),
    ...table(rows),
  ]);
}

/** Every key of the two files. */
export function keyTables(): readonly KeyTable[] {
  const top = propertiesOf(configFile.schema);
  const group = propertiesOf(top["groups"]);
  const account = propertiesOf(propertiesOf(credentialsFile.schema)["databases"]);
  const level = without(group, ["policies", "proxysql"]);
  const database = without(propertiesOf(top["databases"]), [...Object.keys(level), "policies"]);
  const credentials = { ...without(propertiesOf(credentialsFile.schema), []), ...account };
  return [
    keyTable(
      "level",
      "Keys of every level: the file, a group, a database. What is set lower down wins.",
      level,
    ),
    keyTable("file", "Keys of the file alone:", without(top, Object.keys(level))),
    keyTable("policy", "Keys of a policy:", propertiesOf(top["policies"])),
    keyTable("database", "Keys of a database, beside those of every level and `policies`:", database),
    keyTable("credentials", "Keys of the credentials file, and of each account in it:", credentials, [
      ...SECTIONS,
      "proxysql",
      "proxysql-stats",
      "proxies",
    ]),
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

/** Keys that have a section of their own. */
const SECTIONS = ["policies", "groups", "databases", "default"];

function keyTable(
  name: string,
  heading: string,
  ...[properties, sections = SECTIONS]: readonly [properties: Properties, sections?: readonly string[]]
): KeyTable {
  const rows = Object.entries(properties).flatMap(([key, schema]) => keyRows(key, schema, sections));
  return { name, heading, rows };
}

function keyRows(name: string, schema: JsonSchema, sections: readonly string[]): KeyTable["rows"] {
  const row = [name, `${schema.description ?? ""}${choicesText(schema)}`] as const;
  if (sections.includes(name)) return [row];
  // What is a text for most may be a mapping for some.
  const mapping = schema.oneOf?.find(({ properties }) => properties !== undefined) ?? schema;
  const prefix = mapping.items !== undefined
    ? `${name}[]`
    : mapping.properties === undefined
    ? `${name}.NAME`
    : name;
  const below = Object.entries(propertiesOf(mapping));
  return [row, ...below.flatMap(([key, inner]) => keyRows(`${prefix}.${key}`, inner, sections))];
}

/** The allowed words, if the description does not list them. */
function choicesText({ enum: choices = [], description = "" }: JsonSchema): string {
  const words = choices.filter((choice) => typeof choice === "string");
  return words.every((word) => description.includes(word)) ? "" : ` One of: ${words.join(", ")}.`;
}
