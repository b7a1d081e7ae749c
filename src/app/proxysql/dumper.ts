import { join } from "node:path";
import type { Clock } from "../../clock.ts";
import { addressText, type ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import {
  type Admin,
  digestMemory,
  DigestStore,
  dumpDigests,
  dumpName,
  type DumpOptions,
  type Intend,
  newUuid,
  purgeDigests,
  type Statement,
  STATEMENTS,
  tidyFolder,
} from "../../proxysql/mod.ts";
import { messageOf } from "../../text/message.ts";

type Told = Extract<ProxysqlEvent, { readonly event: "proxysql-dump" | "proxysql-purge" }>;

export interface DumperOptions {
  readonly config: Pick<ProxysqlConfig, "address" | "digests">;
  readonly clock: Clock;
  readonly tags: readonly string[];
  readonly pod: string | null;
  readonly intend: Intend;
  /** They add columns. */
  readonly plugins?: NonNullable<DumpOptions["plugins"]>;
  tell(event: Told): void;
}

/** Dumps digests into the folder, and empties them afterwards where that is configured. */
export class Dumper {
  readonly #options: DumperOptions;
  readonly #proxysql: string;
  /** Why the last one failed, which is told once. */
  #failure: string | undefined;
  #refusal: string | undefined;
  /** Why dumps before the last one were not tidied, which is told once. */
  #untidied: string | undefined;
  /** In milliseconds since 1970. */
  lastDump: number | undefined;
  readonly counts = { dumps: 0, failed_dumps: 0, purges: 0 };

  constructor(options: DumperOptions) {
    this.#options = options;
    this.#proxysql = addressText(options.config.address);
  }

  /** When the last dump was made, also by a program before, in milliseconds since 1970; undefined where none is known. */
  lastSample(): number | undefined {
    try {
      using store = DigestStore.open(this.#options.config.digests.state);
      const { last } = store;
      return last?.instance === this.#proxysql ? last.now * 1000 : undefined;
    } catch {
      // The next dump says what is wrong with it.
      return undefined;
    }
  }

  /**
   * Makes one. Returns what became of it, in words.
   * @throws {Error} There is no dump; this was told, if it is news.
   */
  async dump(admin: Admin): Promise<string> {
    try {
      const said = await this.#dump(admin);
      this.#failure = undefined;
      return said;
    } catch (error) {
      this.counts.failed_dumps++;
      const reason = messageOf(error);
      if (reason !== this.#failure) {
        this.#failure = reason;
        this.#tell({ event: "proxysql-dump", proxysql: this.#proxysql, state: "failed", reason });
      }
      throw error;
    }
  }

  /** The statements that a dump would send to change something. @throws {AdminError} */
  async statements(admin: Admin): Promise<readonly Statement[]> {
    const { purge } = this.#options.config.digests;
    if (purge === undefined) return [];
    const taken = await digestMemory(admin);
    return taken !== undefined && taken >= BigInt(purge.memory) ? [STATEMENTS.purgeDigests()] : [];
  }

  async #dump(admin: Admin): Promise<string> {
    const { config: { digests }, clock, tags, pod, plugins } = this.#options;
    const { folder, format, mode, state, purge } = digests;
    if (folder === undefined) throw new Error('dumps need a place: "digests.folder" names none');
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    const id = newUuid(clock);
    const file = join(folder, dumpName(format, { at: clock.wall(), id }));
    using store = DigestStore.open(state);
    const dumped = await dumpDigests(admin, store, {
      ...{ config: digests, mode, format, instance: this.#proxysql, pod, id, tags, clock, to: { file } },
      ...plugins !== undefined && { plugins },
    });
    const { rows } = dumped.manifest;
    this.counts.dumps++;
    this.lastDump = clock.wall();
    this.#tell({ event: "proxysql-dump", proxysql: this.#proxysql, state: "written", file, rows });
    if (purge !== undefined && mode === "delta") {
      await this.#purge(admin, store, { ...purge, dumped, clock, intend: this.#options.intend });
    }
    await this.#tidy(folder);
    return `${file}: ${rows} rows`;
  }

  /** There is a dump, whatever becomes of those before it. */
  async #tidy(folder: string): Promise<void> {
    const { config: { digests }, clock } = this.#options;
    try {
      await tidyFolder(folder, { ...digests, now: clock.wall() });
      this.#untidied = undefined;
    } catch (error) {
      const reason = `dumps before this one were not tidied: ${messageOf(error)}`;
      if (reason === this.#untidied) return;
      this.#untidied = reason;
      this.#tell({ event: "proxysql-dump", proxysql: this.#proxysql, state: "untidied", reason });
    }
  }

  async #purge(
    admin: Admin,
    store: DigestStore,
    options: Parameters<typeof purgeDigests>[2],
  ): Promise<void> {
    const { done, why, isBelow } = await purgeDigests(admin, store, options);
    if (done) this.counts.purges++;
    const isNews = done || (isBelow !== true && why !== this.#refusal);
    this.#refusal = done || isBelow === true ? undefined : why;
    if (!isNews) return;
    const state = done ? "done" : "refused";
    this.#tell({ event: "proxysql-purge", proxysql: this.#proxysql, state, reason: why });
  }

  #tell(event: Told): void {
    this.#options.tell(event);
  }
}
