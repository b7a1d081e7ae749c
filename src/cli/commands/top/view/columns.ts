import { fit, type Line, type Style, widthOf } from "../terminal/line.ts";

/** A column of a table. */
export interface Column<T> {
  readonly head: string;
  readonly align?: "left" | "right";
  /** The narrowest it may be; the first column and the last one take what is left. */
  readonly width: number;
  /** Columns with less of it go first, where there is no room for all. */
  readonly weight: number;
  text(row: T): string;
  style?(row: T): Style | undefined;
}

/** A table whose last column takes what is left, with those columns left out for which there is no room. */
export interface Table {
  readonly head: Line;
  readonly rows: readonly Line[];
}

const GAP = 1;

/** Formats rows for a width. */
export function tableOf<T>(columns: readonly Column<T>[], rows: readonly T[], width: number): Table {
  const shown = fitting(columns, width);
  const widths = widthsOf(shown, rows, width);
  const lineOf = (
    text: (column: Column<T>) => string,
    style: (column: Column<T>) => Style | undefined,
  ): Line =>
    shown.flatMap((column, index) => {
      const found = style(column);
      const cell = {
        text: fit(text(column), widths[index]!, column.align),
        ...found !== undefined && { style: found },
      };
      return index === 0 ? [cell] : [{ text: " ".repeat(GAP) }, cell];
    });
  return {
    head: lineOf(({ head }) => head, () => "bold"),
    rows: rows.map((row) => lineOf((column) => column.text(row), (column) => column.style?.(row))),
  };
}

function fitting<T>(columns: readonly Column<T>[], width: number): readonly Column<T>[] {
  const shown = [...columns];
  const needed = () => shown.reduce((sum, column) => sum + column.width + GAP, -GAP);
  while (shown.length > 1 && needed() > width) {
    const least = shown.reduce((a, b) => b.weight < a.weight ? b : a);
    shown.splice(shown.indexOf(least), 1);
  }
  return shown;
}

/** Columns grow to their longest text as long as there is room; the last one has the rest. */
function widthsOf<T>(columns: readonly Column<T>[], rows: readonly T[], width: number): readonly number[] {
  let free = width - columns.reduce((sum, column) => sum + column.width + GAP, -GAP);
  // The last one is doubled before any other one grows.
  let left = Math.max(0, free - columns.at(-1)!.width);
  const widths = columns.map((column, index) => {
    if (index === columns.length - 1) return column.width;
    const wanted = Math.max(...rows.map((row) => widthOf(column.text(row))), column.width);
    const grown = Math.min(left, wanted - column.width, column.width * (index === 0 ? 3 : 1));
    left -= grown;
    free -= grown;
    return column.width + grown;
  });
  widths[widths.length - 1]! += free;
  return widths;
}
