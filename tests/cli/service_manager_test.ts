// The program under a service manager: what systemd is told, with a stand-in for it. No server is needed: one that
// cannot be reached is watched as well.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { systemClock } from "../../src/clock.ts";
import { awayConfig } from "../app/away.ts";
import { type Manager, startManager } from "../app/manager.ts";
import { ROOT, type RunningProgram, startProgram } from "../program.ts";

/** Starts the service as systemd does, wanting a sign of life every second. */
function startUnder(
  manager: Manager,
  file: string,
  env: Readonly<Record<string, string>> = {},
): RunningProgram {
  return startProgram(["run", "-c", file, "--log-format", "json"], {
    env: {
      NOTIFY_SOCKET: manager.socket,
      RUNTIME_DIRECTORY: `${manager.runtime}:/nowhere`,
      WATCHDOG_USEC: "1000000",
      ...env,
    },
  });
}

const has = (line: string) => (lines: readonly string[]) => lines.includes(line);

Deno.test("systemd is told when it is ready, reloads, lives and stops, though no database can be reached", async (t) => {
  await using manager = await startManager();
  await using config = await awayConfig();
  await using program = startUnder(manager, config.file);

  await t.step("ready, with a sign of life", async () => {
    const ready = await manager.message("READY=1", has("READY=1"));
    assertEquals(ready, ["READY=1", "STATUS=1 database, 1 not reached, 0 hurt, 0 kills", "WATCHDOG=1"]);
    assertEquals(await Array.fromAsync(Deno.readDir(manager.runtime)), [], "its socket left nothing behind");
  });
  await t.step("signs of life twice in the time asked for", async () => {
    const before = manager.messages.length;
    await systemClock.sleep(3000);
    const signs = manager.messages.slice(before).filter(has("WATCHDOG=1")).length;
    assert(signs >= 3 && signs <= 7, `${signs} in three seconds`);
  });
  await t.step("a reload, also one that is refused", async () => {
    for (const text of [undefined, "mode: nonsense\n"]) {
      const before = manager.messages.length;
      if (text !== undefined) await Deno.writeTextFile(config.file, text);
      program.signal("SIGHUP");
      await manager.message("READY=1 again", has("READY=1"), before);
      const states = manager.messages.slice(before).map(([first]) => first).filter((line) =>
        !/^STATUS/.test(line!)
      );
      assertEquals(states, ["RELOADING=1", "READY=1"]);
    }
  });
  await t.step("a program that is stuck gives no sign of life, and one that goes on does", async () => {
    program.signal("SIGSTOP");
    await systemClock.sleep(300); // what was sent before has come
    const before = manager.messages.length;
    await systemClock.sleep(1500);
    assertEquals(manager.messages.slice(before), []);
    program.signal("SIGCONT");
    await manager.message("WATCHDOG=1", has("WATCHDOG=1"), before);
  });
  await t.step("its end", async () => {
    const { code, stderr } = await program.stop();
    assertEquals([code, stderr], [0, ""]);
    await manager.message("STOPPING=1", has("STOPPING=1"));
    assertEquals(manager.messages.at(-1), ["STOPPING=1"]);
  });
});

Deno.test("a socket without a file cannot be told, which is said once, and the program watches", async () => {
  await using manager = await startManager();
  await using config = await awayConfig();
  await using program = startUnder(manager, config.file, { NOTIFY_SOCKET: "@query-sniper" });
  await program.event("the database is away", ({ event }) => event === "unreachable");
  await systemClock.sleep(1500);
  const { code, stderr } = await program.stop();
  assertEquals([code, stderr.trim().split("\n").length], [0, 1]);
  assertStringIncludes(
    stderr,
    "this program can reach no socket without a file, as $NOTIFY_SOCKET names one",
  );
});

// Always the sources: the compiled program has the flag for good.
Deno.test("a runtime without --unstable-net cannot tell, which is said once, and the program watches", async () => {
  await using manager = await startManager();
  await using config = await awayConfig();
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "main.ts",
      "run",
      "-c",
      config.file,
    ],
    cwd: ROOT,
    env: { NOTIFY_SOCKET: manager.socket },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await systemClock.sleep(3000);
  child.kill("SIGTERM");
  const { code, stdout, stderr } = await child.output();
  assertEquals(code, 0);
  assertStringIncludes(new TextDecoder().decode(stdout), "unreachable");
  const told = new TextDecoder().decode(stderr).trim().split("\n");
  assertEquals(told.length, 1, told.join("\n"));
  assertStringIncludes(told[0]!, "this program was compiled without --unstable-net");
  assertEquals(manager.messages, []);
});
