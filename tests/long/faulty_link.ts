import { carrying, databaseBehind, type LabServer, startLink, wordsOf } from "../lab/mod.ts";

/** A link that breaks a connection off when certain words go to the server, while it is told to. */
export interface FaultyLink extends AsyncDisposable {
  /** A row of `databases`, for a configuration. */
  readonly database: string;
  /** How many connections it has taken so far. */
  readonly connections: number;
  /** Breaks off what has these words in it from now on; nothing where there are none. */
  breakAt(words: string | undefined): void;
}

/** Starts a link to a server. */
export function startFaultyLink(server: LabServer): FaultyLink {
  let words: string | undefined;
  let connections = 0;
  const link = startLink(server, () => {
    connections++;
    return {
      toServer: carrying((bytes) => words !== undefined && wordsOf(bytes).includes(words) ? "end" : "pass"),
      toClient: carrying(() => "pass"),
    };
  });
  return {
    database: databaseBehind(link, server),
    get connections() {
      return connections;
    },
    breakAt(text) {
      words = text;
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}
