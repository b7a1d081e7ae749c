/** What a plugin can be asked. */
export const CALLS = ["health", "dumpColumns", "event"] as const;

export type Call = typeof CALLS[number];

/** What a plugin's thread is told: first to load the plugin, then to call it, one call at a time. */
export type ToPlugin =
  | {
    readonly kind: "load";
    /** For messages. */
    readonly name: string;
    readonly source: string;
    readonly net: readonly string[];
    /** For loading, and for each call, in milliseconds. */
    readonly timeout: number;
    /** Once its first byte is not 0 the plugin is stopped, wherever it is. */
    readonly stop: SharedArrayBuffer;
  }
  | { readonly kind: "call"; readonly id: number; readonly call: Call; readonly json: string };

/** What it tells. All that comes from the plugin is JSON in a text, whose length is bounded. */
export type FromPlugin =
  | { readonly kind: "loaded"; readonly json: string }
  | { readonly kind: "answer"; readonly id: number; readonly json: string }
  /** It is not called again. */
  | { readonly kind: "failed"; readonly reason: string };
