import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Act } from "../../proxysql/mod.ts";

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
}
