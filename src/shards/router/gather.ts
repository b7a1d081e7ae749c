import type { Answer } from "../../connection/mod.ts";
import { type Final, type Merge, PART_TABLE } from "../plan/mod.ts";
import { Refusal } from "../plan/refusal.ts";
import { literal, lossOf } from "./values.ts";

/** Runs statements on a shard, in one round trip, and returns their answers. */
export type Ask = (sql: string) => Promise<readonly Answer[]>;

/** The most bytes of one INSERT into the temporary table. */
const INSERT_BYTES = 2 ** 20;

/**
 * Makes one answer of those of several shards.
 * @param finisher The shard whose engine finishes it, in a session that may be thrown away after an error.
 * @throws {Refusal} Where the parts do not fit together.
 */
export async function gather(merge: Merge, parts: readonly Answer[], finisher: Ask): Promise<Answer> {
  const first = parts[0]!;
  const isAlike = parts.every(({ columns }) =>
    columns.length === first.columns.length &&
    columns.every(({ type, name }, index) =>
      type === first.columns[index]!.type && name === first.columns[index]!.name
    )
  );
  if (!isAlike) {
    throw new Refusal("the shards answer with different columns", "their tables differ: see `shards check`");
  }
  if (merge.final === undefined) return { ...first, rows: parts.flatMap(({ rows }) => rows) };
  for (const column of first.columns) {
    const loss = lossOf(column);
    if (loss !== undefined) throw new Refusal(loss.problem, loss.hint);
  }
  return await finish(merge.final, parts, { ask: finisher, names: merge.names });
}

async function finish(
  { create, select, check = "DO 0" }: Final,
  parts: readonly Answer[],
  { ask, names }: { readonly ask: Ask; readonly names: readonly string[] | undefined },
): Promise<Answer> {
  const drop = `DROP TEMPORARY TABLE IF EXISTS ${PART_TABLE}`;
  let packet = `${drop}; ${create}`;
  for (const values of valueLists(parts)) {
    if (packet.length + values.length > INSERT_BYTES) {
      await ask(packet);
      packet = "";
    }
    packet += `${packet === "" ? "" : "; "}INSERT INTO ${PART_TABLE} VALUES ${values}`;
  }
  const answers = await ask(`${packet === "" ? "" : `${packet}; `}${check}; ${select}; ${drop}`);
  const columns = answers.at(-3)!.columns.map(({ name }) => name);
  if (columns.length > 0 && columns.join() !== names?.join()) {
    throw new Refusal("the tables have other columns than when the router started", "start it again");
  }
  return answers.at(-2)!;
}

/** The rows of all parts as lists for INSERT, none of them too long. */
function* valueLists(parts: readonly Answer[]): Generator<string, void, undefined> {
  let list = "";
  for (const { columns, rows } of parts) {
    for (const row of rows) {
      const values = `(${row.map((value, index) => literal(value, columns[index]!)).join(", ")})`;
      if (list !== "" && list.length + values.length > INSERT_BYTES / 2) {
        yield list;
        list = "";
      }
      list += list === "" ? values : `, ${values}`;
    }
  }
  if (list !== "") yield list;
}
