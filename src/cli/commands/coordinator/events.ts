import type { Event } from "../../../events/mod.ts";
import type {
  Change,
  ChangeNews,
  CoordinatorNews,
  GroupNews,
  RefusedRequest,
} from "../../../shards/coordinator/mod.ts";
import type { MoveNews } from "../../../shards/move/mod.ts";

/** The event of what a coordinator tells; undefined: there is none. */
export function coordinatorEvent(news: CoordinatorNews, schema: string): Event {
  if (news.kind !== "lease") return changeEvent(news, schema);
  return {
    event: "shards",
    state: news.held ? "active" : "standby",
    schema,
    ...news.reason !== undefined && { reason: news.reason },
  };
}

function changeEvent(news: ChangeNews, schema: string): Event {
  const { change } = news;
  const reason = news.kind === "waiting" ? news.reason : change.reason;
  return {
    event: "shard-change",
    state: news.kind === "end" ? change.outcome ?? "done" : news.kind,
    schema,
    change: change.id,
    ...aboutOf(change),
    step: change.step,
    ...reason !== undefined && { reason },
  };
}

function aboutOf({ action, source, shard, policy }: Change) {
  return {
    action,
    ...policy !== undefined && { policy },
    ...source !== undefined && { shard: source },
    ...shard !== undefined && { added: shard },
  };
}

/** The event of a request that is refused. */
export function refusedEvent({ action, reason, ...about }: RefusedRequest, schema: string): Event {
  if (action === "move") return { event: "shard-move", state: "refused", schema, reason };
  return { event: "shard-change", state: "refused", schema, action, ...about, reason };
}

/** The event of what looks at a group tell. */
export function groupEvent(news: GroupNews, schema: string): Event {
  if (news.kind === "unreadable") {
    const { reason } = news;
    return reason === undefined
      ? { event: "shards", state: "readable", schema }
      : { event: "shards", state: "unreadable", schema, reason };
  }
  if (news.kind === "gate") return { event: "shard-gate", schema, ...news.gate };
  const { policy, action, shard, because, mode, outcome } = news.decision;
  const about = {
    event: "shard-change",
    schema,
    action,
    policy,
    ...shard !== undefined && { shard },
    because,
  } as const;
  if (news.kind === "outcome") {
    const reason = news.outcome.outcome === "done" ? news.outcome.note : news.outcome.reason;
    return { ...about, state: news.outcome.outcome, ...reason !== undefined && { reason } };
  }
  if (outcome !== undefined) {
    const note = outcome.note === undefined ? "" : `: ${outcome.note}`;
    return { ...about, state: "skipped", reason: `${outcome.skipped}${note}` };
  }
  return { ...about, state: action === "log" ? "match" : mode === "enforce" ? "decided" : "would" };
}

/** The event of what a move tells. */
export function moveEvent(news: MoveNews, schema: string): Event {
  const about = { event: "shard-move", schema, move: news.id } as const;
  switch (news.kind) {
    case "step":
      return { ...about, state: "step", step: news.step };
    case "copied":
      return { ...about, state: "copied", rows: news.rows };
    case "waiting":
      return { ...about, state: "waiting", reason: news.reason };
    case "end":
      return {
        ...about,
        state: "ended",
        step: news.state,
        ...news.reason !== undefined && { reason: news.reason },
      };
  }
}
