export { PostError } from "./post_error.ts";
export { tryChannel } from "./sample.ts";
export { Notifier, type NotifierOptions, type NotifyingDatabase } from "./notifier.ts";
