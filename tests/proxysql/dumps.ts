import { Buffer } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { DigestStore, dumpDigests, type Dumped, type DumpOptions, uuidV7 } from "../../src/proxysql/mod.ts";
import type { DumpConfig } from "../../src/config/mod.ts";
import type { ProxysqlStandIn } from "../lab/proxysql/stand_in.ts";
import { Folder } from "../config/folder.ts";
import { adminOf } from "./fixture.ts";

/** Rows as JSON Lines have them, and the manifest behind them. */
export interface ReadDump {
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** A folder with the counters of dumps, and dumps of a stand-in. */
export class Dumps implements AsyncDisposable {
  readonly folder: Folder;
  readonly #proxy: ProxysqlStandIn;
  #count = 0;

  private constructor(folder: Folder, proxy: ProxysqlStandIn) {
    this.folder = folder;
    this.#proxy = proxy;
  }

  static async of(proxy: ProxysqlStandIn): Promise<Dumps> {
    return new Dumps(await Folder.make({}), proxy);
  }

  get state(): string {
    return this.folder.file("state.sqlite");
  }

  file(name: string): string {
    return this.folder.file(name);
  }

  /** Makes a dump to a file. */
  async write(name: string, more: Partial<DumpOptions> = {}): Promise<Dumped> {
    using store = DigestStore.open(this.state);
    return await this.into(store, { to: { file: this.file(name) }, ...more });
  }

  async into(store: DigestStore, more: Partial<DumpOptions>): Promise<Dumped> {
    const { admin } = adminOf(this.#proxy);
    await using _admin = admin;
    const config: DumpConfig = {
      ...{ format: "jsonl", mode: "delta", text: "digest", comments: "tags", keep: 1, maxSize: 1 },
      state: this.state,
    };
    return await dumpDigests(admin, store, {
      ...{ config, mode: "delta", format: "jsonl", instance: "127.0.0.1:6032", pod: "proxysql-0" },
      ...{ id: uuidV7(1_800_000_000_000 + this.#count++, new Uint8Array(10)), tags: ["controller"] },
      ...{ clock: { now: () => 0 }, to: { file: this.file("unnamed.jsonl") } },
      ...more,
    });
  }

  /** Makes a dump as JSON Lines, and reads it. */
  async jsonl(more: Partial<DumpOptions> = {}): Promise<ReadDump> {
    const name = `${this.#count}.jsonl.gz`;
    await this.write(name, more);
    return read(await Deno.readFile(this.file(name)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.folder[Symbol.asyncDispose]();
  }
}

/** Reads JSON Lines, which may be compressed. */
export function read(bytes: Uint8Array): ReadDump {
  const text = new TextDecoder().decode(bytes[0] === 0x1f ? gunzipSync(Buffer.from(bytes)) : bytes);
  const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
  return { rows: lines.slice(0, -1), manifest: lines.at(-1) };
}
