/** A JSON Schema, as far as the API needs it. */
export type Schema = Readonly<Record<string, unknown>>;

/** A text that says when something was. */
export const MOMENT: Schema = { type: "string", format: "date-time", description: "ISO 8601, in UTC" };
export const TEXT: Schema = { type: "string" };
export const COUNT: Schema = { type: "integer", minimum: 0 };
export const NUMBER: Schema = { type: "number" };
export const FLAG: Schema = { type: "boolean" };

/** A duration in milliseconds. */
export const MILLISECONDS: Schema = { type: "number", minimum: 0, description: "in milliseconds" };

/** One of these texts. */
export function oneOf(...words: readonly string[]): Schema {
  return { type: "string", enum: words };
}

export function list(items: Schema): Schema {
  return { type: "array", items };
}

/** By names that nobody knows before. */
export function mapOf(values: Schema): Schema {
  return { type: "object", additionalProperties: values };
}

export function orNull(schema: Schema): Schema {
  return { anyOf: [schema, { type: "null" }] };
}

/** With its meaning. */
export function told(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/** An object with these keys and no other; those whose name ends with `?` may be absent. */
export function object(keys: Readonly<Record<string, Schema>>): Schema {
  const entries = Object.entries(keys);
  const properties = Object.fromEntries(entries.map(([name, schema]) => [name.replace(/\?$/, ""), schema]));
  const required = entries.map(([name]) => name).filter((name) => !name.endsWith("?"));
  return {
    type: "object",
    properties,
    ...required.length > 0 && { required },
    additionalProperties: false,
  };
}

/** One of the schemas of the document. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}
