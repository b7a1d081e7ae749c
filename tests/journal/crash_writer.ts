// Run by crash_test.ts, which kills it: writes to a journal as fast as it can, and prints what was committed.

import { systemClock } from "../../src/clock.ts";
import { Chronicle, Journal } from "../../src/journal/mod.ts";
import type { Decision } from "../../src/policy/mod.ts";
import { Secret } from "../../src/text/secret.ts";

const [file, task] = Deno.args as [string, "write" | "migrate"];
const say = (text: string) => void Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));

const journal = new Journal(file, (failure) => failure === undefined || say(`failed ${failure}`));
say("begun");
journal.isUsable();
say("open");
if (task === "write") await write();

async function write(): Promise<void> {
  const chronicle = new Chronicle(file, {
    ...{ clock: systemClock, version: "1", once: false, retention: { keep: 1e12, maxSize: 2 ** 40 } },
    lost: (reason) => say(`lost ${reason}`),
  });
  for (let number = 0;; number++) {
    const id = journal.intend("orders", decision(number), Date.now());
    say(`intended ${id} ${Deno.pid}:${number}`);
    journal.conclude(id, { outcome: "killed", took_ms: 1 });
    say(`concluded ${id}`);
    chronicle.looked("orders", { interval: 1000, health: { lag: number } });
    chronicle.paused(new Map(number % 2 === 0 ? [[null, "a"]] : []));
    await systemClock.sleep(0);
  }
}

function decision(number: number): Decision {
  return {
    ...{
      verdict: "act",
      policy: "long",
      mode: "enforce",
      action: "kill query",
      at: 0,
      decided: 0,
      because: [],
    },
    server: { server: "one", started: 1 },
    session: {
      ...{ id: number, user: `user-${number % 50}`, host: "h", db: "shop", command: "Query", state: "" },
      ...{
        running: true,
        idle: false,
        time: 60_000,
        idle_time: { unknown: "" },
        verb: "select",
        program: "",
      },
      sql: { text: new Secret(`SELECT * FROM t${number % 50}`), cut: false },
      execution: `${Deno.pid}:${number}`,
    },
  };
}
