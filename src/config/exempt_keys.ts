import { quoted } from "../text/nearest.ts";
import {
  type Kind,
  list,
  mismatch,
  object,
  optional,
  type Path,
  type Problems,
  required,
  scalar,
  tagKey,
  text,
  type ValueOf,
} from "../yaml/mod.ts";

const DIGEST = /^v\d+:[0-9a-f]{16}$/;

/** A digest as events and reports print it. */
const digestHash: Kind<string> = scalar(
  "a digest",
  { type: "string", pattern: DIGEST.source },
  (text, wrong) =>
    DIGEST.test(text)
      ? text
      : wrong(`expected a digest as reports print it, such as v2:00d1f68b2a4c9e37: ${quoted(text)}`),
);

const DAY = /^\d{4}-\d\d-\d\d$/;

/** A day of the calendar. */
const day: Kind<string> = scalar(
  "a day",
  { type: "string", pattern: DAY.source },
  (text, wrong) => isDay(text) ? text : wrong(`expected a day, such as 2027-01-31: ${quoted(text)}`),
);

function isDay(text: string): boolean {
  if (!DAY.test(text)) return false;
  const moment = new Date(`${text}T00:00Z`);
  return !isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

/** The keys of an exemption, besides `tag.KEY`. */
export const exemptKeys = {
  digest: optional(digestHash, "The query by its digest; or one of the next two in its place."),
  shape: optional(text, "All queries of a shape, such as `select orders`; or `tag.KEY`: all with this tag."),
  owner: required(text, "Who answers for it."),
  reason: required(text, "Why it may be killed as often as it is."),
  until: optional(
    day,
    "The last day of it, in UTC: then reports and `validate-config` warn. Omitted: it has no end.",
  ),
};

/** The keys of an alias. */
export const aliasKeys = {
  digest: required(digestHash, "The digest that all of them count as."),
  same_as: required(list(digestHash, { min: 1 }), "The other digests of the same query."),
};

export const alias = object(aliasKeys);

const plain = object(exemptKeys);

/** An exemption as read: what it is of, and its other keys. */
export interface WrittenExempt {
  readonly by: "digest" | "shape" | `tag.${string}`;
  readonly value: string;
  readonly owner: string;
  readonly reason: string;
  readonly until?: string;
}

const TAG = "tag.";

/** One of `digest`, `shape` and `tag.KEY`, with an owner, a reason and perhaps an end. */
export const exempt: Kind<WrittenExempt> = {
  expects: plain.expects,
  schema: {
    ...plain.schema,
    // `tag.KEY`, which draft-07 could say, and our own checker of it cannot.
    additionalProperties: text.schema,
  },
  read(value, path, problems) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return mismatch(plain.expects, value, path, problems);
    }
    const entries = Object.entries(value);
    const tags = entries.filter(([name]) => name.startsWith(TAG));
    const rest = plain.read(
      Object.fromEntries(entries.filter(([name]) => !name.startsWith(TAG))),
      path,
      problems,
    );
    const subjects = [
      ...rest?.digest === undefined ? [] : [["digest", rest.digest] as const],
      ...rest?.shape === undefined ? [] : [["shape", rest.shape] as const],
      ...tags.map(([name, value]) => [name, readTag(name, value, path, problems)] as const),
    ];
    return rest === undefined ? undefined : exemptOf(rest, subjects, { value, path, problems });
  },
};

function readTag(name: string, value: unknown, path: Path, problems: Problems): string | undefined {
  const at = [...path, name];
  const key = tagKey.read(name.slice(TAG.length), at, problems);
  return key === undefined ? undefined : text.read(value, at, problems);
}

function exemptOf(
  rest: ValueOf<typeof plain>,
  subjects: readonly (readonly [string, string | undefined])[],
  { value, path, problems }: { readonly value: object; readonly path: Path; readonly problems: Problems },
): WrittenExempt | undefined {
  const isWrong = (["digest", "shape"] as const).some((key) =>
    Object.hasOwn(value, key) && rest[key] === undefined
  );
  const [subject, second] = subjects;
  if (subject === undefined) {
    if (!isWrong) problems.report(path, 'a key is missing: "digest", "shape" or "tag.KEY"');
    return undefined;
  }
  if (second !== undefined) {
    problems.report(
      path,
      `an exemption is of one thing: "${subject[0]}" and "${second[0]}" exclude each other`,
    );
    return undefined;
  }
  const { owner, reason, until } = rest;
  if (subject[1] === undefined || owner === undefined || reason === undefined) return undefined;
  return {
    by: subject[0] as WrittenExempt["by"],
    value: subject[1],
    owner,
    reason,
    ...until !== undefined && { until },
  };
}
