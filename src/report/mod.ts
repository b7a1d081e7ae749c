export {
  decisionText,
  type HistoryFilter,
  historyOf,
  latestOf,
  mergedHistory,
  type PastDecision,
} from "./history.ts";
export { coverageOf } from "./history_coverage.ts";
export type { Report, ReportKey, Row } from "./model.ts";
export type { ProxiedExecutions } from "./proxied.ts";
export { type Period, QueryError, readComparedPeriod, readMoment, readPeriod } from "./period.ts";
export { PAST_OUTCOMES, readHistoryQuery, readReportQuery, REPORT_KEYS, type WrittenQuery } from "./query.ts";
export { makeReport, type ReportOptions } from "./report.ts";
export { pastDecisionCsv } from "./text/history_csv.ts";
export { reportCsv } from "./text/report_csv.ts";
export { reportMarkdown } from "./text/report_markdown.ts";
export {
  columnsOf,
  coverageLines,
  entryPointsText,
  exemptText,
  figures,
  lists,
  outcomesText,
  partedRows,
} from "./text/sections.ts";
