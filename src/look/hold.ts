import type { Hold, Memory } from "../policy/mod.ts";

/** The memory with the hold of this look in place of the last one's. */
export function withHold(memory: Memory, hold: Hold | undefined): Memory {
  const { hold: _, ...rest } = memory;
  return hold === undefined ? rest : { ...rest, hold };
}
