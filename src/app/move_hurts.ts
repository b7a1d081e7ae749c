import type { Clock } from "../clock.ts";
import type { WatchedDatabase } from "../config/mod.ts";
import { explain, type Expression } from "../language/mod.ts";
import { mysqlTarget } from "../mysql/mod.ts";
import { Observer } from "../recording/mod.ts";
import { TargetError } from "../target/mod.ts";

/** Says whether a move has to rest. */
export interface MoveHurts extends AsyncDisposable {
  /** Why it has to; undefined: it may go on. What is unknown hurts. */
  hurts(): Promise<string | undefined>;
}

/** Asks `pause_when` of databases, over connections of its own. */
export function moveHurts(
  databases: readonly WatchedDatabase[],
  { pauseWhen, clock }: { readonly pauseWhen: Expression; readonly clock: Clock },
): MoveHurts {
  const observers = new Map<string, Observer>();
  const close = async (name: string) => {
    const observer = observers.get(name);
    observers.delete(name);
    await observer?.connected.close();
  };
  const ask = async (database: WatchedDatabase): Promise<string | undefined> => {
    const { name } = database;
    try {
      let observer = observers.get(name);
      if (observer === undefined) {
        observer = await Observer.connect(mysqlTarget(database, { clock, armed: false }), database, {
          clock,
        });
        observers.set(name, observer);
      }
      const { report: { health, methods = {} } } = await observer.glance(pauseWhen.needs);
      return reasonOf(pauseWhen, { limits: {}, database: health, methods });
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      await close(name);
      return `it is unknown whether pause_when holds: ${error.message}`;
    }
  };
  return {
    async hurts() {
      const reasons = await Promise.all(databases.map(async (database) => {
        const reason = await ask(database);
        return reason === undefined ? [] : [`${database.name}: ${reason}`];
      }));
      return reasons.flat()[0];
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...observers.keys()].map(close));
    },
  };
}

function reasonOf(pauseWhen: Expression, subject: Parameters<Expression["evaluate"]>[0]): string | undefined {
  if (pauseWhen.evaluate(subject) === false) return undefined;
  const { truth, because } = explain(pauseWhen, subject);
  const clauses = because.map(({ expression, left, right }) =>
    `${expression} (${left}${right === undefined ? "" : ` and ${right}`})`
  );
  return `${truth === undefined ? "unknown" : "pause_when is true"}: ${clauses.join(", ")}`;
}
