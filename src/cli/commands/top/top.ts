import { KeptProxies } from "../../../app/keep_proxies.ts";
import { systemClock } from "../../../clock.ts";
import { chosenDatabases } from "../../database_choice.ts";
import type { Run, Terminal } from "../../invocation.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { UsageError } from "../../usage_error.ts";
import { processConsole, withScreen } from "./terminal/screen.ts";
import { readKeys } from "./terminal/key_reader.ts";
import { TopSession } from "./top_session.ts";

/** `query-sniper top`. */
export const top: Run = async (invocation, terminal) => {
  const chosen = await chosenDatabases(invocation, terminal);
  if (chosen === undefined) return 2;
  if (!processConsole.isTerminal()) {
    throw new UsageError('top needs a terminal for input and output: "explain" prints the same as text');
  }
  const stop = stopOnSignals();
  Deno.addSignalListener("SIGHUP", () => stop.abort("SIGHUP"));
  const color = (terminal.environment("NO_COLOR") ?? "") === "";
  await using proxies = await KeptProxies.open(chosen, { clock: systemClock, patience: 100 });
  using session = new TopSession(chosen, {
    clock: systemClock,
    random: Math.random,
    stop,
    proxies,
    who: personOf(terminal),
  });
  await withScreen(processConsole, { color }, async (screen) => {
    Deno.addSignalListener("SIGWINCH", () => session.resized(screen));
    await session.run(screen, readKeys(Deno.stdin.readable));
  });
  if (session.kills.length > 0) terminal.print(...session.kills);
  return 0;
};

/** Who sits there, as far as the environment tells. */
function personOf({ environment }: Terminal): string {
  const [person, account] = [environment("SUDO_USER"), environment("USER") ?? environment("LOGNAME")];
  if (person !== undefined && person !== "") {
    return `${person} (as ${account ?? "another user"})`.slice(0, 100);
  }
  return (account ?? "").slice(0, 100) || "an unknown user";
}
