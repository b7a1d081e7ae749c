import type { Route } from "../config/mod.ts";
import {
  describe,
  type GateEvent,
  type KillEvent,
  type PauseEvent,
  type PublicEvent,
  type TimedEvent,
} from "../events/mod.ts";
import type { Level } from "../policy/mod.ts";
import { printable } from "../text/control.ts";

/** What a notice is about. All that concerns one policy on one database is one subject: its gate and its kills. */
export interface Subject {
  /** Equal for equal subjects, also in another process; at most 255 characters. */
  readonly key: string;
  readonly kind: "policy" | "budget" | "lease" | "pause" | "journal" | "unreachable";
  readonly database?: string;
  readonly policy?: string;
}

/** `open`: it lasts until it is `over`; `passing`: it has happened, and nothing tells of its end. */
export type Standing = "open" | "over" | "passing";

/** Something to tell. Without literals. */
export interface Notice {
  /** In milliseconds since 1970. */
  readonly at: number;
  /** `match`: what a policy selected without acting, which only the channels that it names are told of. */
  readonly route: Route | "match";
  readonly level: Level;
  readonly subject: Subject;
  readonly standing: Standing;
  /** The word that it is counted by, such as `killed` or `gate open`. */
  readonly word: string;
  /** It in one line. May hold text of clients: a channel escapes it. */
  readonly text: string;
  readonly query?: { readonly digest: string; readonly text: string };
}

/** The longest text of a notice, and of a query in it, in characters. */
const LONGEST = 1000;

type Draft = Pick<Notice, "route" | "subject" | "standing" | "word" | "query"> & { readonly text?: string };

/** Makes notices of events. It remembers what the end of something is only seen by. */
export class NoticeReader {
  /** Why kills are paused, by subject and source. */
  readonly #pauses = new Map<string, Map<string, string>>();
  readonly #unreachable = new Set<string>();
  /** Whether the gate of a policy is open, by its subject, where that was told. */
  readonly #gates = new Map<string, boolean>();

  /** Undefined if there is nothing to tell. */
  read({ at, level, event }: TimedEvent): Notice | undefined {
    const draft = this.#draft(event);
    if (draft === undefined) return undefined;
    const text = draft.text ?? describe(event, (need) => need);
    return { at, level, ...draft, text: cut(printable(text)) };
  }

  #draft(event: PublicEvent): Draft | undefined {
    switch (event.event) {
      case "kill":
        return this.#killDraft(event);
      case "match":
        return {
          route: "match",
          subject: ofPolicy(event),
          standing: "passing",
          word: "matched",
          ...queryOf(event),
        };
      case "abandoned":
        return {
          route: "kill",
          subject: ofPolicy(event),
          standing: "passing",
          word: event.outcome,
        };
      case "gate":
        return this.#gateDraft(event);
      case "budget":
        return {
          route: "budget",
          subject: ofDatabase("budget", event.database),
          standing: event.state === "spent" ? "open" : "over",
          word: `budget ${event.state}`,
        };
      case "lease":
        return {
          route: "lease",
          subject: ofDatabase("lease", event.database),
          standing: event.state === "unavailable" ? "open" : "over",
          word: `lease ${event.state}`,
        };
      case "journal":
        return {
          route: "journal",
          subject: { key: "query-sniper:journal", kind: "journal" },
          standing: event.state === "failed" ? "open" : event.state === "recovered" ? "over" : "passing",
          word: `journal ${event.state}`,
        };
      case "pause":
        return this.#pauseDraft(event);
      case "unreachable":
      case "connected":
        return this.#reachDraft(event.database, event.event === "connected");
      default:
        return undefined;
    }
  }

  #gateDraft(event: GateEvent): Draft {
    const subject = ofPolicy(event);
    const isOpen = event.state !== "closed";
    this.#gates.set(subject.key, isOpen);
    return { route: "gate", subject, standing: isOpen ? "open" : "over", word: `gate ${event.state}` };
  }

  /** The kills of a policy are over with its gate, even where their outcome is known only later. */
  #killDraft(event: KillEvent): Draft | undefined {
    const { outcome } = event;
    if (outcome === "skipped") return undefined;
    const subject = ofPolicy(event);
    const isOpen = this.#gates.get(subject.key);
    return {
      route: outcome === "would-kill" ? outcome : "kill",
      subject,
      standing: isOpen === undefined ? "passing" : isOpen ? "open" : "over",
      word: outcome,
      ...queryOf(event),
    };
  }

  /** A file and a request may pause the same. */
  #pauseDraft({ state, database, source, reason }: PauseEvent): Draft | undefined {
    const subject: Subject = database === undefined
      ? { key: "query-sniper:pause", kind: "pause" }
      : ofDatabase("pause", database);
    const reasons = this.#pauses.get(subject.key) ?? new Map<string, string>();
    this.#pauses.set(subject.key, reasons);
    const isOpen = state === "paused";
    const isKnown = isOpen ? reasons.get(source) === reason : reasons.size === 0;
    if (isOpen) reasons.set(source, reason);
    else reasons.delete(source);
    if (isKnown || (!isOpen && reasons.size > 0)) return undefined;
    return {
      route: "pause",
      subject,
      standing: isOpen ? "open" : "over",
      word: isOpen ? "paused" : "pause over",
    };
  }

  #reachDraft(database: string, isConnected: boolean): Draft | undefined {
    if (isConnected && !this.#unreachable.delete(database)) return undefined;
    if (!isConnected) this.#unreachable.add(database);
    return {
      route: "unreachable",
      subject: ofDatabase("unreachable", database),
      standing: isConnected ? "over" : "open",
      word: isConnected ? "reachable again" : "unreachable",
      ...isConnected && { text: `${database}: is watched again` },
    };
  }
}

function ofPolicy({ database, policy }: { readonly database: string; readonly policy: string }): Subject {
  return { key: `query-sniper:policy:${database}:${policy}`, kind: "policy", database, policy };
}

function ofDatabase(kind: "budget" | "lease" | "pause" | "unreachable", database: string): Subject {
  return { key: `query-sniper:${kind}:${database}`, kind, database };
}

function queryOf({ statement }: Pick<KillEvent, "statement">): Pick<Draft, "query"> {
  if (statement === undefined) return {};
  return { query: { digest: statement.digest, text: cut(printable(statement.digest_text)) } };
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
