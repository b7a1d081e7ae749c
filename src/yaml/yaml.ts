import type { Document as YamlDocument } from "yaml";

/** A YAML file with the places of its nodes. */
export interface PlacedYaml {
  readonly parsed: YamlDocument.Parsed;
  /** Line and column, counted from one, of a character of the source. */
  placeOf(offset: number): { readonly line: number; readonly column: number };
}

/**
 * Parses a file with the parser that keeps positions. It is slow to load, and only somebody with a broken
 * file waits for it.
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
