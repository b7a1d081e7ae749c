import { countWords, durationWords } from "../duration.ts";
import type { Counts, EntryPoint, Gap, Report, Row, RowExecutions } from "../model.ts";
import { shortTime } from "../notes.ts";

/** How many of many things are named. */
const FEW = 5;

/** What a report covers, in lines: when, how well, and what is missing. */
export function coverageLines(report: Report): readonly string[] {
  const { from, to, by, filter, looks, databases, last_look, errors, gaps, no_data, notes } = report;
  const only = [
    ...filter?.database === undefined ? [] : [`database ${filter.database}`],
    ...filter?.policy === undefined ? [] : [`policy ${filter.policy}`],
  ];
  return [
    `${shortTime(from)} to ${shortTime(to)} UTC, by ${by}${
      only.length === 0 ? "" : `, only ${only.join(", ")}`
    }`,
    ...no_data ? ["NO DATA: nothing was looked at in this time"] : [
      `${countWords(looks)} looks at ${plural(databases, "database")}` +
      `${last_look === null ? "" : `, the last one at ${shortTime(last_look)}`}` +
      `${errors === 0 ? "" : `, ${plural(errors, "error")}`}`,
      gapsText(gaps),
    ],
    ...notes.map((note) => `note: ${note}`),
  ];
}

/** The longest times without a look. */
export function gapsText(gaps: readonly Gap[]): string {
  if (gaps.length === 0) return "no gaps";
  const longest = gaps.toSorted((a, b) =>
    Number(b.databases === null) - Number(a.databases === null) || lengthOf(b) - lengthOf(a)
  );
  const texts = longest.slice(0, FEW).map((gap) =>
    `${whatOf(gap)} for ${durationWords(lengthOf(gap))} from ${shortTime(gap.from)} to ${shortTime(gap.to)}`
  );
  const more = gaps.length - texts.length;
  return `not looked at: ${texts.join("; ")}${more === 0 ? "" : `; and ${more} more gaps`}`;
}

function lengthOf({ from, to }: Gap): number {
  return Date.parse(to) - Date.parse(from);
}

function whatOf({ databases }: Gap): string {
  return databases === null ? "anything" : someOf(databases);
}

/** A few names, and how many more there are. */
export function someOf(names: readonly string[]): string {
  const more = names.length - FEW;
  return `${names.slice(0, FEW).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** The four figures, each beside that of the period before. */
export function figures(report: Report): readonly (readonly [name: string, now: string, before: string])[] {
  const { totals } = report;
  const row = (name: string, key: keyof Counts, words: (value: number) => string) =>
    [name, words(totals[key]), totals.before === null ? "no data" : words(totals.before[key])] as const;
  return [
    row("kills", "kills", countWords),
    row("would-be kills", "would_kill", countWords),
    row("time wasted", "wasted_ms", durationWords),
    row("queries", "distinct", countWords),
  ];
}

/** How often each outcome came. */
export function outcomesText(outcomes: Readonly<Record<string, number>>): string {
  const texts = Object.entries(outcomes).toSorted(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${countWords(count)}`);
  return texts.length === 0 ? "none" : texts.join(", ");
}

/** A column of the table of rows. */
export interface Column {
  readonly heading: string;
  readonly isNumber: boolean;
  of(row: Row): string;
}

/** The cells of a row: its figures, then what it is. */
export function columnsOf({ executions }: Report): readonly Column[] {
  return COLUMNS.filter(({ heading }) => executions !== undefined || heading !== BY_PROXY);
}

/** By dumps of ProxySQL's digests; only with those. */
const BY_PROXY = "of executions";

const COLUMNS: readonly Column[] = [
  { heading: "#", isNumber: true, of: ({ ranks }) => String(ranks.kills) },
  { heading: "kills", isNumber: true, of: ({ kills }) => countWords(kills) },
  { heading: "before", isNumber: true, of: ({ before }) => before === null ? "no data" : countWords(before) },
  { heading: "would", isNumber: true, of: ({ would_kill }) => countWords(would_kill) },
  { heading: "spared", isNumber: true, of: ({ skipped }) => countWords(skipped) },
  { heading: "share", isNumber: true, of: ({ share }) => share === null ? "unknown" : shareText(share) },
  { heading: BY_PROXY, isNumber: true, of: ({ by_proxy }) => byProxyText(by_proxy) },
  { heading: "mean", isNumber: true, of: ({ mean_ms }) => mean_ms === null ? "-" : durationWords(mean_ms) },
  {
    heading: "worst",
    isNumber: true,
    of: ({ worst_ms }) => worst_ms === null ? "-" : durationWords(worst_ms),
  },
  { heading: "wasted", isNumber: true, of: ({ wasted_ms }) => durationWords(wasted_ms) },
  {
    heading: "databases",
    isNumber: false,
    of: ({ databases }) => databases.length > 1 ? String(databases.length) : databases.join(),
  },
  { heading: "last seen", isNumber: false, of: ({ last_seen }) => shortTime(last_seen) },
  { heading: "what", isNumber: false, of: whatText },
];

function whatText({ key, digest_text, same_as }: Row): string {
  const also = same_as.length === 0 ? "" : ` (with ${same_as.join(", ")})`;
  return key === digest_text || key === "" ? digest_text : `${key}${also} ${digest_text}`;
}

/** `3 of 1200 (0.25%)`. */
export function byProxyText(found: RowExecutions | null | undefined): string {
  if (found === null || found === undefined) return "unknown";
  const { kills, executions, share } = found;
  return `${countWords(kills)} of ${countWords(executions)}${share === null ? "" : ` (${shareText(share)})`}`;
}

function shareText(share: number): string {
  const percent = 100 * share;
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(2))}%`;
}

/** Who calls a query. */
export function entryPointsText({ entry_points, entry_points_total }: Row): string {
  const shown = entry_points.slice(0, 4).map((entry) =>
    `${entryText(entry)} ${countWords(entry.kills + entry.would_kill)}`
  );
  const more = entry_points_total - shown.length;
  return `${shown.join("; ")}${more > 0 ? `; and ${more} more` : ""}`;
}

function entryText({ user, host, program, tags }: EntryPoint): string {
  const tagged = Object.entries(tags).map(([key, value]) => `${key} ${value}`);
  return [
    `${user === "" ? "unknown" : user}${host === "" ? "" : `@${host}`}`,
    ...program === "" ? [] : [`by ${program}`],
    ...tagged.length === 0 ? [] : [`(${tagged.join(", ")})`],
  ].join(" ");
}

/** What an exempt row is exempt by. */
export function exemptText({ exempt }: Row): string {
  if (exempt === null) return "";
  const { owner, reason, until, expired } = exempt;
  return `${expired ? "EXPIRED" : "exempt"}${
    until === null ? "" : ` ${expired ? "with" : "until"} ${until}`
  }, ${owner}: ${reason}`;
}

/** Rows that are not exempt, and those that are: the expired ones first. */
export function partedRows(
  { rows }: Report,
): { readonly own: readonly Row[]; readonly exempt: readonly Row[] } {
  return {
    own: rows.filter(({ exempt }) => exempt === null),
    exempt: rows.filter(({ exempt }) => exempt !== null)
      .toSorted((a, b) => Number(b.exempt!.expired) - Number(a.exempt!.expired)),
  };
}

/** Marks, open gates, proposals and the comparison, each with its lines. */
export function lists(report: Report): readonly (readonly [title: string, lines: readonly string[]])[] {
  const { marks, gates, proposals, compare } = report;
  const changes = compare === undefined
    ? []
    : (["worse", "new", "improved", "gone"] as const).flatMap((kind) =>
      compare[kind].slice(0, 2 * FEW).map(({ key, digest_text, words, certain }) =>
        `${kind}${certain ? "" : " (not certain)"}: ${
          key === digest_text ? key : `${key} ${digest_text}`
        }: ${words}`
      )
    );
  const all = [
    [
      "what changed",
      marks.slice(-4 * FEW).map(({ at, kind, database, text }) =>
        `${shortTime(at)} ${kind}${database === null ? "" : ` on ${database}`}: ${text}`
      ),
    ],
    [
      "gates that stood open",
      gates.slice(0, 2 * FEW).map(({ database, policy, times, open_ms }) =>
        `${policy} on ${database}: ${times} times, ${durationWords(open_ms)} in all`
      ),
    ],
    [
      "perhaps the same query under another digest (aliases in the configuration confirms it)",
      proposals.map((each) =>
        `${each.old}, last seen ${shortTime(each.stopped)}, and ${each.new}, first seen ${
          shortTime(each.started)
        }: ${each.why}`
      ),
    ],
    [
      `compared with ${
        compare === undefined ? "" : `${shortTime(compare.period.from)} to ${shortTime(compare.period.to)}`
      }`,
      changes,
    ],
  ] as const;
  return all.filter(([, lines]) => lines.length > 0);
}

function plural(count: number, noun: string): string {
  return `${countWords(count)} ${noun}${count === 1 ? "" : "s"}`;
}
