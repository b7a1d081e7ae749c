import { systemClock } from "../../src/clock.ts";
import { SHARD_VOCABULARY } from "../../src/cli/shard_vocabulary.ts";
import { loadConfig, type WatchedDatabase } from "../../src/config/mod.ts";
import { DATABASE_DOMAIN } from "../../src/mysql/mod.ts";
import {
  type GroupAccess,
  type MoveEnd,
  type MoveNews,
  type MoveStep,
  runMove,
} from "../../src/shards/move/mod.ts";
import type { LabServer } from "../lab/mod.ts";
import { groupConfig, writeGroup } from "./stage.ts";

/** How moves of tests are run: nothing is kept, and nothing lets them rest. */
export const QUICK_MOVES = "  move: { keep_old: 0s, chunk: 100, pause_when: threads_running > 1000 }\n";

/** The configuration of a group with its moves. */
export function moveConfig(servers: readonly LabServer[], edit = (text: string) => text): string {
  return edit(groupConfig(servers).replace("  router:", `${QUICK_MOVES}  router:`));
}

/** A group as root reaches it. */
export async function groupOf(
  servers: readonly LabServer[],
  edit?: (text: string) => string,
): Promise<GroupAccess> {
  await using written = await writeGroup(moveConfig(servers, edit), { user: "root", password: "root" });
  const { config } = await loadConfig(written.file, {
    environment: () => undefined,
    domain: DATABASE_DOMAIN,
    shards: SHARD_VOCABULARY,
    credentials: "required",
  });
  return { sharding: config.sharding!, databases: config.databases as readonly WatchedDatabase[] };
}

/** Runs a move in this process. */
export async function runHere(
  group: GroupAccess,
  id: string,
  { until, tell = () => {}, hurts = () => Promise.resolve(undefined) }: {
    /** Ends the run at the begin of this step. */
    readonly until?: MoveStep;
    readonly tell?: (news: MoveNews) => void;
    readonly hurts?: () => Promise<string | undefined>;
  } = {},
): Promise<MoveEnd> {
  const controller = new AbortController();
  return await runMove(group, id, {
    clock: systemClock,
    signal: controller.signal,
    hurts,
    tell(news) {
      if (news.kind === "step" && news.step === until) controller.abort();
      tell(news);
    },
  });
}
