/** What a process has used so far. */
export interface Use {
  /** Processor time of all its threads, in milliseconds. */
  readonly cpu: number;
  /** Resident memory, in MiB. */
  readonly rss: number;
}

/** What a running process has used; Linux only. Threads that have ended are not counted. */
export async function useOf(pid: number): Promise<Use> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  const rss = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
  let nanoseconds = 0;
  for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) nanoseconds += await timeOf(pid, name);
  return { cpu: nanoseconds / 1e6, rss };
}

/** The scheduler's own account is exact, that of /proc/PID/stat is in hundredths of a second. */
async function timeOf(pid: number, thread: string): Promise<number> {
  const text = await Deno.readTextFile(`/proc/${pid}/task/${thread}/schedstat`).catch(() => "0");
  return Number(text.split(" ")[0]); // 0: it has ended
}
