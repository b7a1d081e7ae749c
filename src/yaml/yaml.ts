import type { Document as YamlDocument } from "yaml";

/** A YAML file with the positions of its nodes. */
export interface PlacedYaml {
  readonly parsed: YamlDocument.Parsed;
  /** Returns line and column of a character of the source, counted from one. */
  placeOf(offset: number): { readonly line: number; readonly column: number };
}

/**
 * Parses a file with a parser that keeps positions. That parser is slow to load, so it is loaded only for a broken
 * file, or to read comments.
 */
export async function openYaml(source: string): Promise<PlacedYaml> {
  const { LineCounter, parseDocument } = await import("./yaml_parser.ts");
  const lineCounter = new LineCounter();
  const parsed = parseDocument(source, { schema: "failsafe", lineCounter });
  return {
    parsed,
    placeOf(offset) {
      const { line, col: column } = lineCounter.linePos(offset);
      return { line, column };
    },
  };
}
