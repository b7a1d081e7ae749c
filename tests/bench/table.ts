import type { Figure } from "./figure.ts";

const HEAD = ["benchmark", "what", "ours", "theirs or limit", "ratio", "target", "met"] as const;

/** Figures as a table of text; notes stand under it. */
export function tableText(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.benchmark,
    figure.what,
    figure.ours,
    figure.theirs ?? "",
    figure.ratio === undefined ? "" : String(figure.ratio),
    figure.target ?? "",
    figure.met === undefined ? "" : figure.met ? "yes" : "NO",
  ]);
  const widths = HEAD.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)));
  const line = (cells: readonly string[]) =>
    cells.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd();
  const notes = figures.flatMap(({ what, note }) => note === undefined ? [] : [`${what}: ${note}`]);
  return [line(HEAD), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), ...notes].join("\n");
}
