/**
 * Runs a program, its output thrown away, and returns the processor time that it and its threads took in user mode, in
 * seconds; undefined where it is missing.
 */
export async function userTimeOf(command: readonly string[]): Promise<number | undefined> {
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", 'TIMEFORMAT=%U; time "$@" > /dev/null', "bash", ...command],
    stdin: "null",
    stderr: "piped",
  }).output();
  if (code === 127) return undefined;
  const lines = new TextDecoder().decode(stderr).trim().split("\n");
  const seconds = Number(lines.at(-1));
  if (code !== 0 || !(seconds >= 0)) throw new Error(`${command.join(" ")} failed: ${lines.join(" ")}`);
  return seconds;
}

/** The shortest of some runs of each program, one after the other: what else a machine does only makes them longer. */
export async function userTimesOf(
  commands: readonly (readonly string[])[],
  options: { readonly runs: number },
): Promise<readonly (number | undefined)[]> {
  const least: (number | undefined)[] = commands.map(() => undefined);
  for (let run = 0; run < options.runs; run++) {
    for (const [index, command] of commands.entries()) {
      const time = await userTimeOf(command);
      if (time !== undefined) least[index] = Math.min(time, least[index] ?? Infinity);
    }
  }
  return least;
}
