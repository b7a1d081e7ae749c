import { openServiceManager, type ServiceManager } from "../app/mod.ts";
import { systemClock } from "../clock.ts";
import type { Terminal } from "./invocation.ts";

/** The service manager that runs this program, such as systemd; undefined where none does. */
export function managerOf({ environment, warn }: Terminal): Promise<ServiceManager | undefined> {
  return openServiceManager({ clock: systemClock, environment, pid: Deno.pid, warn });
}
