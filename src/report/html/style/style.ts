import charts from "./charts.css" with { type: "text" };
import figures from "./figures.css" with { type: "text" };
import narrow from "./narrow.css" with { type: "text" };
import page from "./page.css" with { type: "text" };
import print from "./print.css" with { type: "text" };
import tables from "./tables.css" with { type: "text" };

/** The style sheet of the page. The last ones undo what the first ones say, for narrow screens and for paper. */
export const STYLE = [page, figures, charts, tables, narrow, print].join("\n");
