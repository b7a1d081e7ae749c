import { ROOT } from "./program.ts";

/** A page that users or contributors read. */
export interface Page {
  /** From the checkout's top folder. */
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface Sample {
  /** Where it stands, as `FILE:LINE`. */
  readonly place: string;
  readonly language: string;
  /** The word after the language, if there is one: a test asks for the sample by it. */
  readonly name: string | undefined;
  readonly text: string;
}

/** The README and the pages in `docs/`. */
export const PAGES: readonly Page[] = await readPages();

/** All fenced blocks of all pages, page by page. */
export const SAMPLES: readonly Sample[] = PAGES.flatMap(samplesOf);

/** The text of a page by its path. */
export function page(path: string): string {
  const found = PAGES.find((page) => page.path === path);
  if (found === undefined) throw new Error(`There is no page ${path}`);
  return found.text;
}

/** The text of the one sample of this name. */
export function sample(name: string): string {
  const [found, ...more] = SAMPLES.filter((sample) => sample.name === name);
  if (found === undefined || more.length > 0) {
    throw new Error(`The pages have ${found === undefined ? "no sample" : "several samples"} named ${name}`);
  }
  return found.text;
}

/** The fenced blocks of a page. */
export function samplesOf({ path, text }: Page): readonly Sample[] {
  const blocks = text.matchAll(/^```(\w*)(?: ([\w-]+))?\n(.*?)^```$/gms);
  return [...blocks].map(({ index, 1: language, 2: name, 3: content }) => {
    const line = text.slice(0, index).split("\n").length;
    return { place: `${path}:${line}`, language: language!, name, text: content! };
  });
}

async function readPages(): Promise<readonly Page[]> {
  const names = await Array.fromAsync(Deno.readDir(`${ROOT}docs`), ({ name }) => `docs/${name}`);
  const paths = ["README.md", ...names.filter((name) => name.endsWith(".md")).toSorted()];
  return await Promise.all(
    paths.map(async (path) => ({ path, text: await Deno.readTextFile(`${ROOT}${path}`) })),
  );
}
