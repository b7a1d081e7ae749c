/** Something that `help` explains besides the commands. */
export interface Topic {
  readonly name: string;
  readonly summary: string;
  /** Loads the code that makes its lines, from the tables that the program itself uses. */
  load(): Promise<() => readonly string[]>;
}

/** Every topic of `help`. */
export const TOPICS: readonly Topic[] = [
  {
    name: "config",
    summary: "the keys of the two files",
    load: async () => (await import("./topic_config.ts")).configTopic,
  },
  {
    name: "language",
    summary: "how conditions are written",
    load: async () => (await import("./topic_language.ts")).languageTopic,
  },
  {
    name: "names",
    summary: "what conditions can name",
    load: async () => (await import("./topic_names.ts")).namesTopic,
  },
  {
    name: "events",
    summary: "what the program reports",
    load: async () => (await import("./topic_events.ts")).eventsTopic,
  },
];
