import { carrying, databaseBehind, type LabServer, type Link, startLink, wordsOf } from "../lab/mod.ts";

/**
 * Where a conversation breaks off, on the connection that asks for the first kill: the kill does not reach
 * the server · its answer does not come back · the answer does, and nothing that is asked after it arrives.
 */
export type Moment = "before the kill" | "before its answer" | "after its answer";

/** A link that holds a program at a moment of its first kill, so that no timing matters. */
export interface HeldLink extends AsyncDisposable {
  /** A row of `databases`, for a configuration. */
  readonly database: string;
  /** Resolves when the moment has come. From then on the link takes no new connections. */
  readonly held: Promise<void>;
  /** How many kills went through to the server so far. */
  readonly kills: number;
  /** Takes new connections again, and lets everything through. */
  restore(): void;
}

/** Starts a link to a server. */
export function startHeldLink(server: LabServer, moment: Moment): HeldLink {
  return new Hold(server, moment);
}

/** How far a connection has come: up to `held` its kill was forwarded, answered, or not even that. */
type Stage = "plain" | "asked" | "answered" | "held";

class Hold implements HeldLink {
  readonly held: Promise<void>;
  readonly database: string;
  readonly #moment: Moment;
  readonly #link: Link;
  #hold: () => void = () => {};
  #kills = 0;
  #isOver = false;
  #isDown = false;

  constructor(server: LabServer, moment: Moment) {
    this.#moment = moment;
    this.held = new Promise((resolve) => this.#hold = resolve);
    this.#link = startLink(server, () => {
      if (this.#isDown) return undefined;
      let stage: Stage = "plain";
      const way = (isToServer: boolean) =>
        carrying((bytes) => {
          stage = this.#next(stage, isToServer, bytes);
          return stage === "held" ? "drop" : "pass";
        });
      return { toServer: way(true), toClient: way(false) };
    });
    this.database = databaseBehind(this.#link, server);
  }

  get kills(): number {
    return this.#kills;
  }

  restore(): void {
    this.#isDown = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#link[Symbol.asyncDispose]());
  }

  /** The stage of a connection after what was said on it just now. */
  #next(stage: Stage, isToServer: boolean, bytes: Uint8Array): Stage {
    if (stage === "held") return stage;
    const isKill = isToServer && /KILL (QUERY|CONNECTION) /.test(wordsOf(bytes));
    const isFirst = isKill && !this.#isOver;
    const isMoment = (isFirst && this.#moment === "before the kill") ||
      (stage === "asked" && !isToServer && this.#moment === "before its answer") ||
      (stage === "answered" && isToServer);
    if (isMoment) {
      this.#isDown = true;
      this.#hold();
    } else if (isKill) this.#kills++;
    if (isFirst) this.#isOver = true;
    if (isMoment) return "held";
    if (isFirst) return "asked";
    return stage === "asked" && !isToServer ? "answered" : stage;
  }
}
