import { ROOT } from "./program.ts";

/** The README as it stands. */
export const README: string = await Deno.readTextFile(`${ROOT}README.md`);

/** The texts of the README's fenced blocks of a language, in order. */
export function samples(language: string): readonly string[] {
  const blocks = README.matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , text]) => text!);
}
