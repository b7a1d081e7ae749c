export type { Report, ReportKey, Row } from "./model.ts";
export { type Period, PeriodError, readComparedPeriod, readMoment, readPeriod } from "./period.ts";
export { makeReport, type ReportOptions } from "./report.ts";
