/** Keys that people look for under another name or in another place, and the right one. */
const FAMILIAR_KEYS: ReadonlyMap<string, string> = new Map(Object.entries({
  dry_run: 'write "mode": dry-run is the default',
  enforce: 'write "mode: enforce"',
  enabled:
    '"off" in place of a policy disables it for a group or database, and "mode: dry-run" lets it rehearse',
  disabled:
    '"off" in place of a policy disables it for a group or database, and "mode: dry-run" lets it rehearse',
  schedule: 'the hours of a policy stand under "during"',
  hours: 'the hours of a policy stand under "during"',
  cron: 'the hours of a policy stand under "during"',
  user: "accounts stand in the credentials file",
  username: "accounts stand in the credentials file",
  password: "passwords stand in the credentials file",
  action: 'what a policy does stands under "then"',
  kill: 'what a policy does stands under "then"',
  match: 'the sessions that a policy selects stand under "where"',
  filter: 'the sessions that a policy selects stand under "where"',
  condition: 'the sessions that a policy selects stand under "where", and its gate under "when"',
  busy_time: 'write "time > …" in a policy\'s "where"',
  idle_time: 'write "idle_time > …" in a policy\'s "where"',
  match_user: 'write "user = …" in a policy\'s "where"',
  ignore_user: 'write "user in (…)" under "protect"',
  exclude: 'sessions that no policy may touch stand under "protect"',
  ignore: 'sessions that no policy may touch stand under "protect"',
  whitelist: 'sessions that no policy may touch stand under "protect"',
  threshold: 'write it in a policy\'s "where", or under "limits"',
  servers: 'write "databases"',
  instances: 'write "databases"',
  rules: 'write "policies"',
  max_kills: 'write "kills" under "budget"',
  daemonize: "`query-sniper run` stays in the foreground, as systemd wants it",
  daemon: "`query-sniper run` stays in the foreground, as systemd wants it",
  pid: "`query-sniper run` writes no such file, systemd knows its process",
  pid_file: "`query-sniper run` writes no such file, systemd knows its process",
  log_file: "events go to standard output",
  log_level: "it is an option of `query-sniper run`: --log-level",
  "<<": "keys are not merged, write them where they belong, or under a group",
}));

/** A hint for an unknown key, in parentheses; undefined if there is none. */
export function familiarKey(name: string): string | undefined {
  if (name.endsWith(")") && !name.includes("(")) {
    return ' ("," within { } ends a value: put the whole expression in double quotes)';
  }
  const hint = FAMILIAR_KEYS.get(name.toLowerCase().replaceAll("-", "_"));
  return hint === undefined ? undefined : ` (${hint})`;
}
