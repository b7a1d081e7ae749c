import { type Markup, markup, type Part } from "./markup.ts";

/** A column: its head, and whether it has figures. */
export interface Column {
  readonly head: string;
  readonly figures?: true;
}

/**
 * A table that scrolls by itself where it is too wide. The first cell of each row names the row. The roles are said again
 * because a browser may forget them where the style sheet makes blocks of the rows.
 */
export function dataTable(
  { caption, columns, rows, className = "stack" }: {
    readonly caption: string;
    /**
     * `stack`: on a phone the cells of a row stand below each other · `untitled`: the heading above says what the caption
     * says · `wide`: as wide as the page.
     */
    readonly className?: string;
    readonly columns: readonly Column[];
    readonly rows: readonly (readonly Part[])[];
  },
): Markup {
  const kind = (at: number) => columns[at]!.figures ? "figure" : "text";
  const heads = columns.map(({ head }, at) =>
    markup`<th scope="col" role="columnheader" class="${kind(at)}">${head}</th>`
  );
  const cell = (content: Part, at: number) =>
    markup`<td role="cell" class="${kind(at)}" data-head="${columns[at]!.head}">${content}</td>`;
  const line = ([first = "", ...others]: readonly Part[]) =>
    markup`<tr role="row"><th scope="row" role="rowheader" class="${kind(0)}">${first}</th>${
      others.map((content, at) => cell(content, at + 1))
    }</tr>\n`;
  return markup`<div class="scroll" role="group" tabindex="0" aria-label="${caption}"><table class="data ${className}" role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${rows.map(line)}</tbody>
</table></div>`;
}

/** What is shown on demand; on paper too where `always` says so. */
export function details(summary: Part, content: Part, always = false): Markup {
  return markup`<details class="${
    always ? "always" : "closed"
  }"><summary>${summary}</summary>${content}</details>`;
}
