import { systemClock } from "../../../clock.ts";
import { type GroupRecordingHeader, type RecordedGroupLook } from "../../../shards/policy/mod.ts";
import { printable } from "../../../text/control.ts";
import { ioReason } from "../../../yaml/mod.ts";
import { stopOnSignals } from "../../stop_signal.ts";
import { VERSION } from "../../version.ts";
import { metricsOf, type PolicyTask } from "./policy_look.ts";

/** The most that is written, in bytes. */
const MAX_SIZE = 100 * 2 ** 20;

/** `shards record FILE`: looks at the group at each interval and writes what it reads, until it is told to stop. */
export const record: PolicyTask = async (options) => {
  const { sharding, terminal, arguments: [file = ""] } = options;
  let output: Deno.FsFile;
  try {
    // Only its owner may read it: it tells the names of tables.
    output = await Deno.open(file, { write: true, createNew: true, mode: 0o600 });
  } catch (error) {
    terminal.warn(`query-sniper: cannot write ${printable(file)}: ${ioReason(error)}`);
    return 1;
  }
  const { signal } = stopOnSignals();
  const metrics = metricsOf(options);
  const encoder = new TextEncoder();
  let size = 0;
  let looks = 0;
  const write = async (value: GroupRecordingHeader | RecordedGroupLook) => {
    const line = encoder.encode(`${JSON.stringify(value)}\n`);
    for (let at = 0; at < line.length;) at += await output.write(line.subarray(at));
    size += line.length;
  };
  try {
    const at = new Date(systemClock.wall()).toISOString();
    await write({ group_recording: 1, version: VERSION, at, schema: sharding.schema });
    terminal.print(`recording ${sharding.schema} to ${printable(file)}, until SIGINT or SIGTERM`);
    while (!signal.aborted && size < MAX_SIZE) {
      const begun = systemClock.now();
      await write({ wall: systemClock.wall(), snapshot: await metrics.look() });
      looks++;
      const { interval } = sharding.growth.metrics;
      await systemClock.sleep(Math.max(0, interval - (systemClock.now() - begun)), signal);
    }
    terminal.print(
      `${printable(file)}: ${looks} looks; ended by ${signal.aborted ? signal.reason : "its size"}`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    terminal.warn(`query-sniper: cannot write ${printable(file)}: ${ioReason(error)}`);
    return 1;
  } finally {
    output.close();
    await metrics.close();
  }
};
