export { type Answer, type AnswerColumn, type AnswerOptions, TooLargeError } from "./answer.ts";
export { attempt, works } from "./attempt.ts";
export {
  Connection,
  type ConnectionTarget,
  type Done,
  type OpenOptions,
  PROGRAM_NAME,
  type Row,
} from "./connection.ts";
export { DatabaseError, refusal } from "./error.ts";
