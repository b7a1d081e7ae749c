import type { Hono } from "hono";
import { DatabaseError } from "../../connection/mod.ts";
import type { Group } from "../members/member.ts";
import { isId } from "../move/journal.ts";
import { MoveError, requestMove, slotsOfText } from "../move/mod.ts";
import { RouterProblem } from "../router/problem.ts";
import { ChangeError, isShardName } from "./change.ts";
import type { Coordinator } from "./coordinator.ts";
import { bad, bodyOf, readKeys } from "./request_body.ts";

/** The most characters of a reason: a request may have many more. */
const LONGEST = 1_000;

/** A request to change the group that was refused: nothing was written for it. */
export interface RefusedRequest {
  readonly action: "add shard" | "drain" | "cancel" | "move";
  /** The shard that was to be drained. */
  readonly shard?: string;
  /** The shard that was to be added. */
  readonly added?: string;
  /** The id of the change that was to be cancelled. */
  readonly change?: string;
  readonly reason: string;
}

/** What these routes need. */
export interface ChangeRoutesOptions {
  readonly coordinator: Pick<Coordinator, "request" | "cancel">;
  /** Why nothing may be begun now; undefined: it may. */
  paused(): Promise<string | undefined>;
  /** The group with the servers that were added. */
  groupNow(): Promise<Group>;
  refused(request: RefusedRequest): void;
}

/** The routes by which people change a group. */
export function changeRoutes(
  app: Hono,
  { coordinator, paused, groupNow, refused }: ChangeRoutesOptions,
): void {
  const asked = async <T>(about: Omit<RefusedRequest, "reason">, act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      const isKnown = error instanceof ChangeError || error instanceof MoveError ||
        error instanceof RouterProblem || error instanceof DatabaseError;
      // Names of a client that are none are not told.
      if (isKnown) refused({ ...about, reason: error.message.slice(0, LONGEST) });
      throw error;
    }
  };
  app.post("/shards", async (c) => {
    const { name } = readKeys(await bodyOf(c), ["name"]);
    if (name !== undefined && typeof name !== "string") throw bad('"name" is a text');
    const about = {
      action: "add shard",
      ...name !== undefined && isShardName(name) && { added: name },
    } as const;
    const change = await asked(about, () =>
      coordinator.request({
        action: "add shard",
        cause: "POST /shards",
        ...name !== undefined && { shard: name },
      }));
    return c.json({ change }, 202);
  });
  app.post("/shards/:id/drain", async (c) => {
    readKeys(await bodyOf(c), []);
    const source = c.req.param("id");
    const change = await asked(
      { action: "drain", ...isShardName(source) && { shard: source } },
      () => coordinator.request({ action: "drain", source, cause: `POST /shards/${source}/drain` }),
    );
    return c.json({ change }, 202);
  });
  app.post("/changes/:id/abort", async (c) => {
    readKeys(await bodyOf(c), []);
    const id = c.req.param("id");
    const about = { action: "cancel", ...isId(id) && { change: id } } as const;
    return c.json({ change: await asked(about, () => coordinator.cancel(id)) }, 202);
  });
  app.post("/moves", async (c) => {
    const { from, to, slots } = readKeys(await bodyOf(c), ["from", "to", "slots"]);
    if (typeof from !== "string" || typeof to !== "string") throw bad('"from" and "to" are names of shards');
    const chosen = slotsOf(slots);
    const id = await asked({ action: "move" }, async () => {
      const why = await paused();
      if (why !== undefined) throw new ChangeError("unavailable", `changes are paused: ${why}`);
      return await requestMove(await groupNow(), { from, to, slots: chosen, cause: "POST /moves" });
    });
    return c.json({ id }, 202);
  });
}

function slotsOf(slots: unknown): readonly number[] {
  if (typeof slots === "string") {
    const found = slotsOfText(slots);
    if (found !== undefined) return found;
  }
  if (Array.isArray(slots) && slots.every((slot) => Number.isInteger(slot))) {
    return slots as readonly number[];
  }
  throw bad('"slots" are numbers in a list, or a text such as "0-511,600"');
}
