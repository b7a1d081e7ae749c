import type { JournalReader } from "../journal/mod.ts";
import type { Proposal } from "./model.ts";
import { type Names, tagsOf } from "./names.ts";
import { DAY, HOUR, iso, type Period } from "./period.ts";

/** How long the one may come on while the other has begun, as where a release is rolled out; and how long neither may come. */
const [LONGEST_OVERLAP, LONGEST_PAUSE] = [DAY, 7 * DAY] as const;

/** How many times its usual pause a query has to be silent before it has stopped. */
const SILENT = 3;

/** Fewer decisions tell nothing about how often a query comes. */
const FEWEST = 3;

/** The pairs that are looked at, at most. */
const MOST = 100;

interface Pair {
  readonly old_id: number;
  readonly old: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly new_id: number;
  readonly new: string;
  readonly started: number;
  readonly shape: string;
}

const PAIRS = `
  SELECT old.id AS old_id, old.digest AS old, old.first_seen, old.last_seen,
    new.id AS new_id, new.digest AS new, new.first_seen AS started, new.shape
  FROM digest AS new JOIN digest AS old ON old.shape = new.shape AND old.id <> new.id
  WHERE new.shape <> '' AND new.first_seen >= ? AND new.first_seen < ? AND old.first_seen < new.first_seen
    AND old.last_seen BETWEEN new.first_seen - ${LONGEST_PAUSE} AND new.first_seen + ${LONGEST_OVERLAP}
  ORDER BY abs(old.last_seen - new.first_seen) LIMIT ${MOST}
`;

/**
 * The queries that may be the same under another digest: one of a period that had not come before, and another one of the
 * same shape and tags that stopped then. Each is proposed once at most.
 * @param isKnown Whether an alias of the configuration says so already.
 */
export function proposalsOf(
  journal: JournalReader,
  names: Names,
  { period, isKnown }: { readonly period: Period; isKnown(a: string, b: string): boolean },
): readonly Proposal[] {
  const proposals: Proposal[] = [];
  const used = new Set<string>();
  for (const pair of journal.all<Pair>(PAIRS, period.from, period.to)) {
    if (used.has(pair.old) || used.has(pair.new) || isKnown(pair.old, pair.new)) continue;
    if (!hasStopped(pair, countOf(journal, pair.old_id), period.to)) continue;
    const tags = commonTags(journal, names, pair);
    if (tags === undefined) continue;
    used.add(pair.old).add(pair.new);
    proposals.push({
      old: pair.old,
      new: pair.new,
      stopped: iso(pair.last_seen),
      started: iso(pair.started),
      why: `both are ${pair.shape}${tags}; the one stopped when the other one started`,
    });
  }
  return proposals;
}

/** Whether a query has been silent for longer than it ever was for no reason. */
function hasStopped({ first_seen, last_seen }: Pair, count: number, end: number): boolean {
  if (count < FEWEST) return false;
  const pause = Math.max((last_seen - first_seen) / (count - 1), HOUR);
  return end - last_seen > SILENT * pause;
}

function countOf(journal: JournalReader, digest: number): number {
  const sql = "SELECT sum(count) AS count FROM digest_database WHERE digest = ?";
  return journal.first<{ readonly count: number | null }>(sql, digest)?.count ?? 0;
}

/** The tags that both have, in words; undefined where they differ. */
function commonTags(journal: JournalReader, names: Names, pair: Pair): string | undefined {
  const old = tagSets(journal, names, pair.old_id, { from: pair.last_seen - DAY, to: pair.last_seen + 1 });
  const now = tagSets(journal, names, pair.new_id, { from: pair.started, to: pair.started + DAY });
  const [common] = old.filter((text) => now.includes(text));
  if (common === undefined) return undefined;
  const words = Object.entries(tagsOf(common)).map(([key, value]) => `${key} ${value}`);
  return words.length === 0 ? ", without tags" : ` with ${words.join(", ")}`;
}

function tagSets(
  journal: JournalReader,
  names: Names,
  digest: number,
  { from, to }: Period,
): readonly string[] {
  const rows = journal.all<{ readonly tags: number }>(
    "SELECT DISTINCT ifnull(tags, 0) AS tags FROM decision WHERE at >= ? AND at < ? AND digest = ?",
    from,
    to,
    digest,
  );
  return rows.map(({ tags }) =>
    JSON.stringify(Object.fromEntries(Object.entries(names.tags(tags)).toSorted()))
  );
}
