import type { JsonSchema, JsonType } from "../../src/yaml/json_schema.ts";

/** Where a value breaks a schema, as `path: keyword`; the part of JSON Schema that ours use. */
export function schemaProblems(schema: JsonSchema, value: unknown, path = ""): readonly string[] {
  const wrong: string[] = [];
  const check = (keyword: string, isRight: boolean) => isRight || wrong.push(`${path}: ${keyword}`);
  const passes = (schema: JsonSchema) => schemaProblems(schema, value, path).length === 0;
  const { type, oneOf, anyOf, pattern, minLength, minimum, exclusiveMinimum, maximum } = schema;
  if (type !== undefined) check("type", [type].flat().some((type) => isOf(type, value)));
  if (schema.enum !== undefined) check("enum", schema.enum.some((each) => each === value));
  if (oneOf !== undefined) check("oneOf", oneOf.filter(passes).length === 1);
  if (anyOf !== undefined) check("anyOf", anyOf.some(passes));
  if (typeof value === "string") {
    if (pattern !== undefined) check("pattern", new RegExp(pattern, "u").test(value));
    if (minLength !== undefined) check("minLength", value.length >= minLength);
  } else if (typeof value === "number") {
    if (minimum !== undefined) check("minimum", value >= minimum);
    if (exclusiveMinimum !== undefined) check("exclusiveMinimum", value > exclusiveMinimum);
    if (maximum !== undefined) check("maximum", value <= maximum);
  } else if (Array.isArray(value)) {
    if (schema.minItems !== undefined) check("minItems", value.length >= schema.minItems);
    for (const [index, item] of value.entries()) {
      wrong.push(...schemaProblems(schema.items ?? {}, item, `${path}[${index}]`));
    }
  } else if (isOf("object", value)) {
    wrong.push(...objectProblems(schema, value as Readonly<Record<string, unknown>>, path));
  }
  return wrong;
}

function objectProblems(
  { properties = {}, required = [], propertyNames, additionalProperties }: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
): readonly string[] {
  const wrong = required.filter((name) => !Object.hasOwn(value, name)).map(() => `${path}: required`);
  for (const [name, item] of Object.entries(value)) {
    const place = path === "" ? name : `${path}.${name}`;
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (propertyNames !== undefined && !new RegExp(propertyNames.pattern, "u").test(name)) {
      wrong.push(`${place}: propertyNames`);
    }
    if (property !== undefined) wrong.push(...schemaProblems(property, item, place));
    else if (additionalProperties === false) wrong.push(`${place}: additionalProperties`);
    else if (additionalProperties !== undefined) {
      wrong.push(...schemaProblems(additionalProperties, item, place));
    }
  }
  return wrong;
}

function isOf(type: JsonType, value: unknown): boolean {
  switch (type) {
    case "array":
      return Array.isArray(value);
    case "object":
      return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    case "string":
      return typeof value === "string";
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
  }
}
