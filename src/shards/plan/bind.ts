import { DEFAULT_QUOTING, newSlot, sharedUnitsOf, tokenizer } from "../../digest/mod.ts";
import { Refusal } from "./refusal.ts";

/** A value in the place of a "?". */
export type Param = string | number | boolean | null;

/**
 * Puts literals in the places of "?".
 * @throws {Refusal} Where there are not as many as values, or a value has no literal.
 */
export function bind(sql: string, params: readonly Param[]): string {
  if (!sql.isWellFormed()) throw new Refusal("the statement is not well-formed Unicode");
  if (params.length === 0) return sql;
  const literals = params.map(literalOf);
  const read = tokenizer(sharedUnitsOf(sql), DEFAULT_QUOTING);
  let [text, end, count] = ["", 0, 0];
  for (const token = newSlot(); read(token);) {
    if (token.kind !== "parameter") continue;
    // Spaces, so that it joins nothing before or behind it.
    text += `${sql.slice(end, token.start)} ${literals[count++] ?? ""} `;
    end = token.end;
  }
  if (count !== params.length) throw new Refusal(`there are ${params.length} params for ${count} "?"`);
  return text + sql.slice(end);
}

function literalOf(value: Param): string {
  switch (typeof value) {
    case "number":
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value))) {
        throw new Refusal("a number among params is not exact", "send it as a text");
      }
      return String(value);
    case "boolean":
      return value ? "TRUE" : "FALSE";
    case "string":
      if (!value.isWellFormed()) throw new Refusal("a text among params is not well-formed Unicode");
      return `'${value.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
    default:
      if (value !== null) throw new Refusal("params are texts, numbers, true, false and null");
      return "NULL";
  }
}
