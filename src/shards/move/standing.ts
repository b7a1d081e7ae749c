import { DatabaseError } from "../../connection/mod.ts";
import type { SLOT_STATES } from "../slots/tables.ts";
import type { Session } from "./session.ts";

/** The state of a slot on a shard. */
export type SlotState = typeof SLOT_STATES[number];

/** What a shard says that it is. */
export interface Standing {
  readonly name: string;
  readonly epoch: string;
  readonly states: ReadonlyMap<number, SlotState>;
}

const NO_TABLE = 1146;

/** Reads what a shard says that it is; undefined before it is one. Throws DatabaseError. */
export async function readStanding(session: Session): Promise<Standing | undefined> {
  try {
    const [shard] = await session.rows(
      "SELECT name, CAST(epoch AS CHAR) AS epoch FROM qs_shard WHERE id = 1",
    );
    if (shard === undefined) return undefined;
    const slots = await session.rows("SELECT slot, state FROM qs_slots ORDER BY slot");
    return {
      name: shard["name"]!,
      epoch: shard["epoch"]!,
      states: new Map(slots.map(({ slot, state }) => [Number(slot), state as SlotState])),
    };
  } catch (error) {
    if (error instanceof DatabaseError && error.errno === NO_TABLE) return undefined;
    throw error;
  }
}
