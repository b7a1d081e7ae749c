import type { Clock } from "../../clock.ts";
import type { ProxysqlConfig } from "../../config/mod.ts";
import type { ProxysqlEvent } from "../../events/mod.ts";
import type { Begun, Work } from "../../http/proxysql/mod.ts";
import { type ActRecord, type Admin, drainStatements, isThere, STATEMENTS } from "../../proxysql/mod.ts";
import type { Agent } from "../../proxysql/agent/mod.ts";
import { drainAndTell, resumeAndTell } from "./drains.ts";
import type { Dumper } from "./dumper.ts";
import type { Rehearsal } from "./rehearsal.ts";
import type { Vitals } from "./vitals.ts";
import type { Works } from "./works.ts";

export interface OrdersOptions {
  /** The address of the admin interface. */
  readonly proxysql: string;
  readonly config: ProxysqlConfig;
  readonly admin: Admin;
  readonly agent: Agent;
  readonly dumper: Dumper;
  readonly rehearsal: Rehearsal;
  readonly clock: Clock;
  readonly record: Pick<ActRecord, "intend">;
  readonly vitals: Vitals;
  readonly works: Works;
  readonly counts: { closed_sessions: number };
  readonly isDryRun: boolean;
  tell(event: ProxysqlEvent): void;
}

/** Does what somebody asks for: a client of HTTP, a signal, or the time. */
export class Orders {
  readonly #options: OrdersOptions;

  constructor(options: OrdersOptions) {
    this.#options = options;
  }

  /** Begins what somebody asks for. */
  ask(work: Work): Begun {
    const refusal = this.#refusalOf(work);
    if (refusal !== undefined) return { kind: "refused", reason: refusal };
    return this.#options.works.begin(work, (signal) => this.#do(work, signal));
  }

  #refusalOf(work: Work): string | undefined {
    const { role, admin, digests } = this.#options.config;
    if (work === "dump") {
      return digests.folder === undefined ? "Dumps need a place: digests.folder names none" : undefined;
    }
    if (admin === undefined) return "This needs an administrator of ProxySQL";
    if (work === "resync" && role !== "satellite") {
      return `Only a satellite is synced: the role here is ${role}`;
    }
    if (work === "stamp" && role !== "core") return `Only a core is stamped: the role here is ${role}`;
  }

  async #do(work: Work, signal: AbortSignal): Promise<string> {
    switch (work) {
      case "resync":
        return await this.#order(() => this.#options.agent.resync());
      case "stamp":
        return await this.#order(() => this.#options.agent.stamp({ force: true }));
      case "dump":
        return await this.#dump();
      case "resume":
        return await this.#resume();
      case "drain":
      case "shutdown":
        return await this.drain(signal, { shutdown: work === "shutdown" });
    }
  }

  /** @throws {Error} It was not done. */
  async #order(order: () => ReturnType<Agent["stamp"]>): Promise<string> {
    const act = await order();
    if (act.outcome !== "done" && act.outcome !== "dry-run") throw new Error(act.reason);
    return act.reason;
  }

  async #dump(): Promise<string> {
    const { admin, dumper, rehearsal, isDryRun } = this.#options;
    if (!isDryRun) return await dumper.dump(admin);
    rehearsal.tell({ act: "purge", statements: await dumper.statements(admin) });
    return "this is a dry run: there is no dump";
  }

  async #resume(): Promise<string> {
    const { admin, proxysql, config, record: { intend }, clock, vitals, tell } = this.#options;
    if (this.#options.isDryRun) {
      this.#options.rehearsal.tell({ act: "resume", statements: [STATEMENTS.resume()] });
      return "this is a dry run: it is not resumed";
    }
    const said = await resumeAndTell(admin, { proxysql, config: config.drain, clock, intend, tell });
    vitals.isDraining = false;
    vitals.shutDownOver = undefined;
    return said;
  }

  /**
   * Drains it. From now on it is not ready.
   * @throws {AdminError} It cannot be drained.
   */
  async drain(
    signal: AbortSignal,
    { shutdown = false, isLastChance = false }: {
      readonly shutdown?: boolean;
      readonly isLastChance?: boolean;
    },
  ): Promise<string> {
    const { admin, proxysql, clock, vitals, counts, record: { intend }, tell } = this.#options;
    const { drain, digests } = this.#options.config;
    const config = { ...drain, shutdown: shutdown || drain.shutdown };
    if (this.#options.isDryRun) {
      this.#options.rehearsal.tell({ act: "drain", statements: await drainStatements(admin, config) });
      return "this is a dry run: it is not drained";
    }
    const before = { isDraining: vitals.isDraining, shutDownOver: vitals.shutDownOver };
    vitals.isDraining = true;
    try {
      const { said, isShutDown } = await drainAndTell(admin, {
        ...{ proxysql, config, clock, intend, signal, isLastChance, tell },
        atEnd: async () => {
          if (digests.every !== undefined) await this.#lastDump();
          if (config.shutdown) vitals.shutDownOver = admin.connected;
        },
        closed: (sessions) => void (counts.closed_sessions += sessions),
      });
      // From now on the file says it, which whoever resumes it by another program removes.
      if (await isThere(drain.file)) vitals.isDraining = false;
      else if (signal.aborted && !isShutDown) Object.assign(vitals, before);
      return said;
    } catch (error) {
      // The file says it where the drain has got so far.
      Object.assign(vitals, before);
      throw error;
    }
  }

  /** What was counted since the last dump would be lost with ProxySQL. It was told if it failed. */
  async #lastDump(): Promise<void> {
    const begun = this.ask("dump");
    if (begun.kind === "begun") await begun.ended;
    else await this.#options.works.idle("dump");
  }
}
