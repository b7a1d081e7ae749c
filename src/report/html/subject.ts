import type { ReportKey } from "../model.ts";

/** What a report counts, in words. */
export interface Subject {
  readonly one: string;
  readonly many: string;
  /** Whether its names are statements or hashes, to be set in a fixed width. */
  readonly isCode: boolean;
}

const SUBJECTS: Readonly<Record<Exclude<ReportKey, `tag.${string}`>, Subject>> = {
  digest: { one: "query", many: "queries", isCode: true },
  shape: { one: "shape of queries", many: "shapes of queries", isCode: true },
  database: { one: "database", many: "databases", isCode: false },
  user: { one: "account", many: "accounts", isCode: false },
  policy: { one: "policy", many: "policies", isCode: false },
};

export function subjectOf(by: ReportKey): Subject {
  if (isTag(by)) {
    const key = by.slice("tag.".length);
    return { one: `value of the tag ${key}`, many: `values of the tag ${key}`, isCode: false };
  }
  return SUBJECTS[by];
}

function isTag(by: ReportKey): by is `tag.${string}` {
  return by.startsWith("tag.");
}

/** What names a key to people. */
export function nameOf({ key, digest_text }: { readonly key: string; readonly digest_text: string }): string {
  return digest_text || key || "(unknown)";
}
