/** Commands that people look for, and what to use instead. */
const FAMILIAR_COMMANDS: ReadonlyMap<string, string> = new Map(Object.entries({
  status: '"check" tells what could be done at each database, and "explain" what would be done now',
  log: '"history" tells what was killed, and why',
  events: '"help events" tells what the program reports, "run" and "once" report it',
  start: '"run" is the service, in the foreground',
  serve: '"run" is the service, in the foreground',
  daemon: '"run" is the service, in the foreground',
  watch: '"run" is the service, and "explain --watch" shows what it would do',
  stop: "SIGTERM ends the service, and a file named `pause` beside the journal stops all kills",
  pause: "a file named `pause` beside the journal stops all kills",
  reload: "SIGHUP makes the service read its configuration again",
  lint: 'write "validate-config"',
  config: 'write "validate-config", or "help config"',
  backtest: 'write "replay"',
}));

const CONDITIONS = 'conditions stand in the configuration, as a policy\'s "where"';
const ACCOUNTS = "accounts stand in the credentials file";
const ADDRESSES = 'addresses stand in the configuration, under "databases"';
const OPTIONS: ReadonlyMap<string, string> = new Map(Object.entries({
  daemonize: '"run" stays in the foreground, as systemd wants it',
  pid: "there is no such file, systemd knows the process",
  log: "events go to standard output",
  interval: 'it stands in the configuration, under "interval"',
  victims: 'it stands in the configuration, under a policy\'s "victims"',
  kill: 'what is done stands in the configuration, under "then" and "mode"',
  "kill-query": 'what is done stands in the configuration, under "then" and "mode"',
  print: 'it stands in the configuration: "then: log", or "mode: dry-run"',
  host: ADDRESSES,
  port: ADDRESSES,
  socket: ADDRESSES,
  user: ACCOUNTS,
  "ask-pass": ACCOUNTS,
  "defaults-file": ACCOUNTS,
  "run-time": '"once" has --max-time',
  sentinel: "a file named `pause` beside the journal stops all kills",
}));

/** What to use instead of an unknown command; undefined if there is no hint. */
export function familiarCommand(name: string): string | undefined {
  return inParentheses(FAMILIAR_COMMANDS.get(name.toLowerCase()));
}

/** What to use instead of an option of pt-kill or of the MySQL and MariaDB clients. */
export function familiarOption(option: string): string | undefined {
  const name = option.replace(/^-+/, "").toLowerCase();
  const isCondition =
    /^(?:match|ignore)-|^(?:busy|idle)-time$|^(?:any|each)-busy|^query-count$|^replication-threads$/;
  return inParentheses(OPTIONS.get(name) ?? (isCondition.test(name) ? CONDITIONS : undefined));
}

function inParentheses(hint: string | undefined): string | undefined {
  return hint === undefined ? undefined : ` (${hint})`;
}
