import { assert } from "@std/assert";
import { parse } from "@std/yaml";
import { sample } from "./pages.ts";

/** A row of the gallery in docs/from-pt-kill.md: a habit of pt-kill, and the policy for it. */
export interface GalleryRow {
  readonly name: string;
  /** Arguments of pt-kill, without its action. */
  readonly ptKill: readonly string[];
  /** What pt-kill's action, `--kill` or `--kill-query`, is called here. */
  readonly action: "kill connection" | "kill query";
  /** The policy as the page has it, without its name. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** What the page says of the difference; absent where there is none. */
  readonly differs?: string;
}

/** The gallery, in its order. */
export function gallery(): readonly GalleryRow[] {
  const [head, ...rows] = sample("gallery").split(/^ {2}# pt-kill /m);
  assert(head === "policies:\n" && rows.length > 10, head);
  return rows.map(rowOf);
}

/** A configuration whose databases are the rows, each with its own policy; JSON is YAML. */
export function galleryConfig(
  rows: readonly GalleryRow[],
  { host, port }: { readonly host: string; readonly port: number },
): string {
  return JSON.stringify({
    budget: { share: "100%" }, // the usual share of a lab's few sessions would be one
    databases: rows.map(({ name, policy }) => ({
      name,
      host,
      port: `${port}`,
      policies: { [name]: policy },
    })),
  });
}

function rowOf(text: string): GalleryRow {
  const [command = "", ...lines] = text.split("\n");
  const isComment = (line: string) => line.startsWith("  #   ");
  const differs = lines.filter(isComment).map((line) => line.slice(6)).join(" ").replace(/^differs: /, "");
  const [{ name, ...policy }] = parse(lines.filter((line) => !isComment(line)).join("\n"), {
    schema: "failsafe",
  }) as [{ name: string }];
  const words = [...command.matchAll(/'([^']*)'|\S+/g)].map(([word, quoted]) => quoted ?? word);
  const action = words.at(-1) === "--kill" ? "kill connection" : "kill query";
  assert(["--kill", "--kill-query"].includes(words.at(-1)!), `the action of pt-kill comes last: ${command}`);
  return { name, ptKill: words.slice(0, -1), action, policy, ...differs !== "" && { differs } };
}
