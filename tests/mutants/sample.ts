/** A source to change: see `sources_test.ts`. */
export const NAMES: ReadonlySet<string> = new Set(["left", "right"]);

type Side = "left" | "right";

export function sideOf(count: number, notes: string[] = []): Side | undefined {
  if (count < 0) notes.push("below");
  else notes.push("above");
  if (notes.length > 1 && count === 0) return undefined;
  return count >= 1 ? "left" : "right";
}

export function described(
  { side, more }: { readonly side?: Side; readonly more?: readonly string[] },
): string {
  const all = { ...side && { side }, ...more && { more } };
  return Object.keys(all).filter((name) => name !== "more").join() || "nothing";
}
