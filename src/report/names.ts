import type { JournalReader } from "../journal/mod.ts";

/** A query as the journal's dictionary has it. */
export interface KnownDigest {
  readonly digest: string;
  /** An empty text where it is unknown. */
  readonly shape: string;
  readonly digest_text: string;
  /** Milliseconds since 1970. */
  readonly first_seen: number;
  readonly last_seen: number;
}

/** Who a session belongs to; an empty text where it is unknown. */
export interface KnownActor {
  readonly user: string;
  readonly host: string;
  readonly program: string;
}

/** The tags of a statement. */
export type KnownTags = Readonly<Record<string, string>>;

const NO_ACTOR: KnownActor = { user: "", host: "", program: "" };

/** What the ids of one journal mean. Each is read once, when it is asked for: a report needs few of them. */
export class Names {
  readonly #journal: JournalReader;
  readonly #known = new Map<string, Map<number, unknown>>();

  constructor(journal: JournalReader) {
    this.#journal = journal;
  }

  /** Undefined for id 0, which stands for no statement. */
  digest(id: number): KnownDigest | undefined {
    return this.#get("digest", id, () =>
      this.#journal.first<KnownDigest>(
        "SELECT digest, shape, digest_text, first_seen, last_seen FROM digest WHERE id = ?",
        id,
      ));
  }

  database(id: number): string {
    return this.#name("database", id, "name");
  }

  policy(id: number): string {
    return this.#name("policy", id, "name");
  }

  word(id: number): string {
    return this.#name("word", id, "text");
  }

  actor(id: number): KnownActor {
    return this.#get(
      "actor",
      id,
      () =>
        this.#journal.first<KnownActor>("SELECT user, host, program FROM actor WHERE id = ?", id) ?? NO_ACTOR,
    );
  }

  /** Without any for id 0. */
  tags(id: number): KnownTags {
    return this.#get("tags", id, () => {
      const row = this.#journal.first<{ readonly tags: string }>("SELECT tags FROM tags WHERE id = ?", id);
      return row === undefined ? {} : tagsOf(row.tags);
    });
  }

  /** The id of a name in a dictionary, or -1, which no row has. */
  idOf(table: "database" | "word", name: string): number {
    const column = table === "word" ? "text" : "name";
    const row = this.#journal.first<{ readonly id: number }>(
      `SELECT id FROM ${table} WHERE ${column} = ?`,
      name,
    );
    return row?.id ?? -1;
  }

  #name(table: "database" | "policy" | "word", id: number, column: "name" | "text"): string {
    return this.#get(table, id, () => {
      const sql = `SELECT ${column} AS name FROM ${table} WHERE id = ?`;
      return this.#journal.first<{ readonly name: string }>(sql, id)?.name ?? "";
    });
  }

  #get<T>(table: string, id: number, read: () => T): T {
    const known = this.#known.get(table) ?? new Map<number, unknown>();
    this.#known.set(table, known);
    if (!known.has(id)) known.set(id, read());
    return known.get(id) as T;
  }
}

/** Tags as their JSON has them; a journal that something else has written to may have anything there. */
export function tagsOf(text: string): KnownTags {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, String(each)]));
  } catch {
    return {};
  }
}
