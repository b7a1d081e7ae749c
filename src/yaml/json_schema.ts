/** The types of JSON Schema. In YAML, a number or a boolean may be meant as text. */
export type JsonType = "string" | "number" | "integer" | "boolean" | "object" | "array";

/** The part of JSON Schema, draft-07, that describes our files. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $comment?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type?: JsonType | readonly JsonType[];
  readonly enum?: readonly (string | boolean)[];
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  /** Applies to text only. */
  readonly pattern?: string;
  readonly minLength?: number;
  /** Applies to numbers only. */
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: { readonly pattern: string };
  readonly additionalProperties?: false | JsonSchema;
  readonly items?: JsonSchema;
  readonly minItems?: number;
}

/** The version of JSON Schema with the best editor support (yaml-language-server). */
export const DRAFT = "http://json-schema.org/draft-07/schema#";
