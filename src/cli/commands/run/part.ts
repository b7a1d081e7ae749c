import type { EventStream } from "../../../events/mod.ts";

/** Something that is served beside the kills. */
export interface Part {
  readonly name: "router" | "coordinator";
  /** Where it is to listen, such as `127.0.0.1:8080`. */
  readonly address: string;
  /** @throws {Error} It cannot listen there now. */
  listen(): Promise<void>;
  /** Works until the signal, once it listens. */
  run(): Promise<void>;
  /** Reads the files of its tokens and certificates again. Never fails: an event says what is wrong with them. */
  reload(): Promise<void>;
  /** Is served no more. */
  end(): Promise<void>;
}

/** What serving it needs. */
export interface PartOptions {
  readonly stream: EventStream;
  readonly signal: AbortSignal;
  warn(line: string): void;
}
