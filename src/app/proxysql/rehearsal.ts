import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Act, Intend } from "../../proxysql/mod.ts";

/** Nothing is done, since this is a dry run. */
export class RehearsalError extends Error {
  override readonly name = "RehearsalError";

  constructor() {
    super("this is a dry run: nothing is sent");
  }
}

type DryRunEvent = Extract<ProxysqlEvent, { readonly event: "proxysql-dry-run" }>;

/** What a dry run would send: told once for the same statements, although it would be sent at every look. */
export class Rehearsal {
  readonly #proxysql: string;
  readonly #tell: (event: DryRunEvent) => void;
  readonly #told = new Map<string, string>();

  constructor(proxysql: string, tell: (event: DryRunEvent) => void) {
    this.#proxysql = proxysql;
    this.#tell = tell;
  }

  tell({ act, statements }: Pick<Act, "act" | "statements">): void {
    const text = statements.join("\n");
    if (statements.length === 0 || this.#told.get(act) === text) return;
    this.#told.set(act, text);
    this.#tell({ event: "proxysql-dry-run", proxysql: this.#proxysql, act, statements });
  }

  /** In place of a record: nothing is written down, and nothing is done. */
  readonly intend: Intend = (act) => {
    this.tell(act);
    return Promise.reject(new RehearsalError());
  };
}
