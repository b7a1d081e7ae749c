import type { KeptProxies } from "../../../app/keep_proxies.ts";
import type { Clock } from "../../../clock.ts";
import type { Config, WatchedDatabase } from "../../../config/mod.ts";
import { EventStream } from "../../../events/mod.ts";
import { type DatabaseState, Fleet } from "../../../http/fleet/mod.ts";
import type { Look } from "../../../look/mod.ts";
import { ConnectPacing, Pauses } from "../../../watch/mod.ts";
import { pausedText } from "../../holds.ts";
import { DatabaseWatch } from "./database_watch.ts";
import { ManualKills } from "./manual_kill.ts";
import { type Asked, FIRST_MODEL, type Model, type Note } from "./model.ts";
import { type Effect, press, withCursor } from "./press.ts";
import type { Key } from "./terminal/keys.ts";
import type { Screen } from "./terminal/screen.ts";
import { frame } from "./view/frame.ts";

export interface TopOptions {
  readonly clock: Clock;
  readonly random: () => number;
  /** Aborted when the program is told to stop, or the person quits. */
  readonly stop: AbortController;
  /** Who may kill by hand. */
  readonly who: string;
  /** The proxies in front of databases; absent: there are none. */
  readonly proxies?: KeptProxies;
}

/** How often the screen is drawn again, if nothing is pressed, in milliseconds. */
const TURN = 250;
/** How long a kill under way, and closing connections, may take at the end, in milliseconds. */
const STOP_TIME = 1500;

/** Watches a fleet for a person, shows it, and does what the keys say. */
export class TopSession implements Disposable {
  readonly #pauses: Pauses;
  readonly #options: TopOptions;
  readonly #fleet: Fleet;
  readonly #watches: ReadonlyMap<string, DatabaseWatch>;
  readonly #manual: ManualKills;
  readonly #told: string[] = [];
  #states: ReadonlyMap<string, DatabaseState> = new Map();
  #turn = -1;
  #model: Model;
  /** The look that the model shows. */
  #shown: Look | undefined;
  #killing: Promise<void> = Promise.resolve();

  constructor(
    { config, databases }: { readonly config: Config; readonly databases: readonly WatchedDatabase[] },
    options: TopOptions,
  ) {
    const { clock, random, stop, who, proxies } = options;
    this.#pauses = new Pauses(config.pause, { clock, signal: stop.signal });
    this.#options = options;
    const stream = new EventStream({ clock, sql: "digest" });
    this.#fleet = new Fleet({ clock, stream });
    this.#fleet.adopt(databases);
    const pacing = new ConnectPacing();
    const shared = { clock, random, pacing, proxies, fleet: this.#fleet, signal: stop.signal };
    const emit = stream.emit.bind(stream);
    this.#watches = new Map(
      databases.map((each) => [each.name, new DatabaseWatch(each, { ...shared, emit })]),
    );
    this.#manual = new ManualKills({ config, pauses: this.#pauses, clock, who, signal: stop.signal });
    this.#model = { ...FIRST_MODEL, now: clock.wall() };
    const [only] = databases;
    if (only !== undefined && databases.length === 1) {
      this.#model = { ...this.#model, view: "database", chosen: only.name, opened: only.name };
      this.#do({ kind: "open", database: only.name });
    }
  }

  /** What was killed by hand, and what became of it. */
  get kills(): readonly string[] {
    return this.#told;
  }

  /** Runs until the person quits, or the program is told to stop. */
  async run(screen: Screen, keys: AsyncIterable<Key>): Promise<void> {
    const { stop: { signal }, clock } = this.#options;
    const watching = Promise.all([...this.#watches.values()].map((watch) => watch.run()));
    const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
    // Whatever fails ends all of it.
    await Promise.race([
      watching.then(() => stopped),
      this.#follow(keys, screen),
      this.#draw(screen),
      stopped,
    ]);
    this.#options.stop.abort("quit");
    await Promise.race([Promise.all([this.#killing, watching]), clock.sleep(STOP_TIME)]);
  }

  /** The terminal has another size. */
  resized(screen: Screen): void {
    screen.forget();
    this.#show(screen);
  }

  [Symbol.dispose](): void {
    this.#manual[Symbol.dispose]();
    this.#fleet.end();
  }

  async #follow(keys: AsyncIterable<Key>, screen: Screen): Promise<void> {
    const { stop: { signal } } = this.#options;
    for await (const key of keys) {
      if (signal.aborted) return;
      const { model, effect } = press(this.#model, key);
      this.#model = withCursor(model);
      if (effect?.kind === "quit") return;
      if (effect !== undefined) await this.#do(effect);
      this.#refresh();
      this.#show(screen);
    }
  }

  async #draw(screen: Screen): Promise<void> {
    const { stop: { signal }, clock } = this.#options;
    while (!signal.aborted) {
      const paused = await pausedText(this.#pauses, this.#shownDatabase());
      const { paused: _, ...model } = this.#model;
      this.#model = { ...model, ...paused !== undefined && { paused } };
      this.#refresh();
      this.#show(screen);
      await clock.sleep(TURN, signal);
    }
  }

  #show(screen: Screen): void {
    const { size } = screen;
    screen.show(frame(this.#model, size), size);
  }

  /** Takes over what was seen meanwhile, unless the display stands still. */
  #refresh(): void {
    const model = { ...this.#model, now: this.#options.clock.wall() };
    this.#model = model;
    if (model.frozen !== undefined) return;
    const since = this.#turn;
    this.#turn = this.#fleet.turn;
    const changed = this.#fleet.databases({ since });
    if (changed.length > 0) {
      this.#states = new Map([...this.#states, ...changed.map((state) => [state.name, state] as const)]);
    }
    const latest = model.opened === undefined ? undefined : this.#watches.get(model.opened)?.latest;
    this.#shown = latest?.look;
    const { look: _, ...rest } = model;
    const databases = [...this.#states.values()];
    this.#model = withCursor({ ...rest, databases, ...latest && { look: latest.explanation } });
  }

  async #do(effect: Effect): Promise<void> {
    switch (effect.kind) {
      case "open":
        for (const [name, watch] of this.#watches) watch.isOpen = name === effect.database;
        break;
      case "ask":
        await this.#ask(effect.session);
        break;
      case "kill": {
        const { asked, ...model } = this.#model;
        if (asked === undefined) return;
        this.#model = { ...model, note: { text: `${asked.action}: waiting for its effect`, tone: "plain" } };
        this.#killing = this.#killing.then(() => this.#kill(asked));
      }
    }
  }

  async #ask(session: number): Promise<void> {
    const watch = this.#opened();
    const found = watch === undefined || this.#shown === undefined
      ? undefined
      : await this.#manual.ask(watch, this.#shown, session);
    if (found === undefined) return;
    this.#model = { ...this.#model, ...isNote(found) ? { note: found } : { asked: found } };
  }

  async #kill(asked: Asked): Promise<void> {
    const watch = this.#watches.get(asked.database)!;
    const note = await watch.keepFor(this.#manual.kill(watch, asked));
    this.#told.push(`${asked.database}: ${note.text}`);
    this.#model = { ...this.#model, note };
  }

  /** The database that is shown alone; undefined: all of them are. */
  #shownDatabase(): string | undefined {
    const { view, opened } = this.#model;
    return view === "database" ? opened : undefined;
  }

  #opened(): DatabaseWatch | undefined {
    return this.#model.opened === undefined ? undefined : this.#watches.get(this.#model.opened);
  }
}

function isNote(found: Asked | Note): found is Note {
  return "tone" in found;
}
