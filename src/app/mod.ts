export { keepJournal } from "./keep_journal.ts";
