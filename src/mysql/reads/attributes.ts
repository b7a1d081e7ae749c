import type { Capabilities } from "../capabilities.ts";
import { type Connection, refusal } from "../../connection/mod.ts";
import type { Unknown } from "../../language/mod.ts";
import type { Session } from "../../policy/mod.ts";
import { sqlBytes } from "./sql_value.ts";

/** The attributes to read, and of which connections. */
export interface AttributeOptions {
  readonly ids: ReadonlySet<number>;
  /** In lower case. */
  readonly keys: readonly string[];
}

/**
 * Reads connection attributes, by connection id and by their names in the policy language. Each is unknown if the
 * server does not show them.
 * @throws {DatabaseError} `lost`.
 */
export async function readAttributes(
  connection: Connection,
  { connectAttributes }: Capabilities,
  { ids, keys }: AttributeOptions,
): Promise<ReadonlyMap<number, Partial<Session>>> {
  const all = (value: string | Unknown) => Object.fromEntries(keys.map((key) => [`attribute.${key}`, value]));
  const forAll = (value: string | Unknown) => new Map([...ids].map((id) => [id, all(value)]));
  if (keys.length === 0) return new Map();
  if (!connectAttributes) return forAll(NO_ATTRIBUTES);
  try {
    const found = forAll("");
    const rows = await connection.query(
      "SELECT PROCESSLIST_ID AS id, LOWER(ATTR_NAME) AS name, ATTR_VALUE AS value " +
        `FROM performance_schema.session_connect_attrs WHERE PROCESSLIST_ID IN (${[...ids].join(", ")}) ` +
        `AND CAST(LOWER(ATTR_NAME) AS BINARY) IN (${keys.map(sqlBytes).join(", ")})`,
    );
    for (const row of rows) {
      const values = found.get(Number(row["id"]));
      if (values !== undefined) values[`attribute.${row["name"]}`] = String(row["value"] ?? "");
    }
    return found;
  } catch (error) {
    return forAll({ unknown: refusal(error).message });
  }
}

/** Why attributes are unknown. */
export const NO_ATTRIBUTES: Unknown = {
  unknown: "the server does not show connection attributes: they need its performance schema",
};
