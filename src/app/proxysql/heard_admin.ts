import type { Done, Row } from "../../connection/mod.ts";
import { Admin, type AdminTarget, type Statement } from "../../proxysql/mod.ts";

type AdminOptions = ConstructorParameters<typeof Admin>[1] & { heard(): void };

/**
 * A connection that tells of each answer: whatever was asked, ProxySQL lives. What a look waits for besides, as a name server
 * or a plugin, and a long read that keeps a look waiting, say nothing of it.
 */
export class HeardAdmin extends Admin {
  readonly #heard: () => void;

  constructor(target: AdminTarget, { heard, ...options }: AdminOptions) {
    super(target, options);
    this.#heard = heard;
  }

  override async rows(statement: Statement): Promise<readonly Row[]> {
    const rows = await super.rows(statement);
    this.#heard();
    return rows;
  }

  override each(statement: Statement, take: (row: Row) => void): Promise<void> {
    return super.each(statement, (row) => {
      this.#heard();
      take(row);
    });
  }

  override async run(statement: Statement, before?: () => void): Promise<Done> {
    const done = await super.run(statement, before);
    this.#heard();
    return done;
  }
}
