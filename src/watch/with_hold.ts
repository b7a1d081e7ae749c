import type { Hold, Memory } from "../policy/mod.ts";

/** The memory with what holds kills back at this look, and no longer what did at the last. */
export function withHold(memory: Memory, hold: Hold | undefined): Memory {
  const { hold: _, ...rest } = memory;
  return hold === undefined ? rest : { ...rest, hold };
}
