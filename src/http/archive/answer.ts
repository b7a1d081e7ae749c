import { JournalError, JournalReader } from "../../journal/mod.ts";
import {
  coverageOf,
  latestOf,
  makeReport,
  QueryError,
  readHistoryQuery,
  readReportQuery,
  type WrittenQuery,
} from "../../report/mod.ts";
import type { Answer, Question } from "./question.ts";

/** Answers a question. Takes as long as it takes, and blocks its thread meanwhile. */
export function answer(question: Question): Answer {
  const query: WrittenQuery = { get: (part) => question.parts[part], nameOf: (part) => part };
  let journal: JournalReader | undefined;
  try {
    journal = JournalReader.open(question.journal);
    const found = question.kind === "history"
      ? historyOf(journal, query, question)
      : makeReport([journal], readReportQuery(query, [journal], question));
    return { kind: "found", json: JSON.stringify(found) };
  } catch (error) {
    if (error instanceof QueryError) return { kind: "wrong", message: error.message };
    if (error instanceof JournalError) return { kind: "failed", message: error.message };
    throw error;
  } finally {
    journal?.[Symbol.dispose]();
  }
}

/** The latest decisions, and what is covered, in words. */
function historyOf(journal: JournalReader, query: WrittenQuery, { limit, now }: Question) {
  const filter = readHistoryQuery(query, [journal], now);
  const decisions = latestOf(journal, filter, limit);
  return {
    from: new Date(filter.period.from).toISOString(),
    to: new Date(filter.period.to).toISOString(),
    decisions,
    covered: coverageOf([journal], filter, { now, count: decisions.length }),
  };
}
