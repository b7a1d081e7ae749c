import type { EventStream } from "../../../events/mod.ts";

/** Something that is served beside the kills. */
export interface Part {
  readonly name: string;
  /** Works until the signal. */
  run(): Promise<void>;
  /** Is served no more. */
  end(): Promise<void>;
}

/** What serving it needs. */
export interface PartOptions {
  readonly stream: EventStream;
  readonly signal: AbortSignal;
  warn(line: string): void;
}

/** What to do where a part cannot listen. */
export function helpText(part: "router" | "coordinator", key: string): string {
  return `; run serves the ${part} there, since ${key} is set: end what listens there, such as ` +
    `"query-sniper ${part}" on this host, or leave the key out`;
}
