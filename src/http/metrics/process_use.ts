import process from "node:process";
import type { ProcessUse } from "./process_metrics.ts";

/** What this process has used until now. */
export function processUse(): ProcessUse {
  const { user, system } = process.cpuUsage();
  return { cpu: (user + system) / 1e6, memory: process.memoryUsage.rss() };
}
