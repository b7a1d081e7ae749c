/** What is wrong with each file of tests/fixtures/config, as `LINE:COLUMN: PATH: what: what was found`. */
export const PROBLEMS: Readonly<Record<string, string | readonly string[]>> = {
  empty: "the file is empty",
  only_comments: "the file is empty",
  not_a_mapping: "1:1: expected a mapping of keys: found a list",
  only_text: "1:1: expected a mapping of keys: found a text",
  two_documents: "4:1: expected one YAML document: the file has more than one",
  tab_indentation: [
    "2:1: a tab is used for indentation: use spaces",
    "3:1: a tab is used for indentation: use spaces",
  ],
  unclosed_bracket:
    "2:1: this is not YAML: cannot read flow collection: unexpected end of the stream within a flow collection",
  bad_indentation: "3:10: this is not YAML: cannot read block: bad indentation of a mapping entry",
  hash_in_string:
    `3:32: policies[0].where: the string is not closed: found 'reading; YAML takes " #" as the start of a comment: put the whole expression in double quotes, or write it after ">-"`,
  hash_after_operator:
    '3:23: policies[0].where: expected a name, a value or an expression in parentheses: found the end; YAML takes " #" as the start of a comment: put the whole expression in double quotes, or write it after ">-"',
  hash_in_parenthesis:
    '3:12: policies[0].where: the parenthesis is not closed: found "("; YAML takes " #" as the start of a comment: put the whole expression in double quotes, or write it after ">-"',
  colon_in_string:
    '3:40: this is not YAML: ": " within an expression starts a YAML mapping: put the whole expression in double quotes, or write it after ">-"',
  unknown_key: '1:1: polices: unknown key: "polices" (did you mean "policies"?)',
  unknown_key_of_policy:
    '5:5: policies[0].descripton: unknown key: "descripton" (did you mean "description"?)',
  unknown_key_of_database: '4:5: databases[0].hosts: unknown key: "hosts" (did you mean "host"?)',
  unknown_key_far: '1:1: colour: unknown key: "colour"',
  two_databases_of_a_name: '4:11: databases[1].name: another database has this name: "orders"',
  two_policies_of_a_name: '5:11: policies[1].name: another policy has this name: "impacted"',
  database_without_name: '2:5: databases[0]: a key is missing: "name"',
  name_with_space:
    '2:11: databases[0].name: expected a name of letters, digits, dots, hyphens and underscores, 64 at most: "orders primary"',
  databases_missing: '1:1: a key is missing: "databases" or "include" or "proxysql"',
  databases_empty: "1:12: databases: expected at least 1 in this list: it has 0",
  databases_mapping: "2:3: databases: expected a list, each item a mapping of keys: found a mapping",
  databases_text: "1:13: databases[0]: expected a mapping of keys: found a text",
  limits_list: "2:3: limits: expected a mapping of names, each to a number with its unit: found a list",
  limits_nothing: "1:8: limits: expected a mapping of names, each to a number with its unit: it is empty",
  policies_mapping: "2:3: policies: expected a list, each item a mapping of keys: found a mapping",
  policies_list_in_database:
    '5:7: databases[0].policies: expected a mapping of names, each to "off" or a mapping of keys: found a list',
  protect_text: "1:10: protect: expected a list, each item a condition: found a text",
  protect_nothing: "2:4: protect[0]: expected a condition such as running and time > 10s: it is empty",
  mode_unknown: '1:7: mode: expected one of "dry-run", "enforce": "dryrun" (did you mean "dry-run"?)',
  interval_without_unit: '1:11: interval: expected a duration, it needs a unit (ms, s, m, h or d): "30"',
  interval_too_short: '1:11: interval: expected at least 100ms: "50ms"',
  interval_text: '1:11: interval: expected a duration, such as 30s (ms, s, m, h or d): "often"',
  limit_zero: '1:16: limits.lag: expected more than zero: "0s"',
  limit_text: '1:16: limits.lag: expected a number, with a unit where it means time, size or share: "long"',
  limit_negative:
    '1:16: limits.lag: expected a number, with a unit where it means time, size or share: "-30s"',
  limit_unknown_unit: '1:16: limits.lag: unknown unit "sec", write s: "30sec"',
  budget_zero: '1:18: budget.kills: expected a whole number, 1 or more: "0"',
  budget_per_without_unit: '1:16: budget.per: expected a duration, it needs a unit (ms, s, m, h or d): "60"',
  notify_inline_secret: '2:41: notify.dba.webhook.secret: unknown key: "secret" (did you mean "secret_env"?)',
  notify_of_what:
    '2:70: notify.dba.on[0]: expected one of "kill", "would-kill", "gate", "budget", "lease", "pause", "journal", "unreachable": "kills" (did you mean "kill"?)',
  notify_no_address:
    "2:26: notify.dba.webhook.url: expected an address such as https://example.org/hook: found something else, which is not shown",
  notify_address_twice:
    "2:19: notify.dba.webhook: expected one of url, url_file and url_env: there are url and url_env",
  notify_without_channel:
    '2:8: notify.dba: a key is missing: "webhook" or "slack" or "pagerduty" or "email" or "alertmanager"',
  notify_inline_address:
    '2:19: notify.dba.slack.webhook_url: unknown key: "webhook_url" (did you mean "webhook_url_env"?)',
  notify_two_channels: '2:8: notify.dba: a channel is of one kind: "webhook" and "slack" exclude each other',
  notify_alertmanager_nowhere: '2:24: notify.dba.alertmanager: a key is missing: "url"',
  notify_email_nowhere: '2:17: notify.dba.email: a key is missing: "url"',
  notify_email_password_in_url:
    "2:24: notify.dba.email.url: expected a mail server such as smtps://mail.example.org:465, without a user or password: found something else, which is not shown",
  notify_email_to_nobody:
    '2:77: notify.dba.email.to[0]: expected a mail address such as dba@example.org: "dba"',
  notify_email_password_of_nobody: '2:91: notify.dba.email.password_env: a password needs a "user"',
  notify_email_user_without_password:
    "2:17: notify.dba.email: expected one of password_file and password_env: there is none",
  notify_text: "2:19: notify.dba.webhook: expected a mapping of keys: found a text",
  notify_every_without_unit: [
    "2:59: notify.dba.webhook.secret_env: expected the name of an environment variable: found something else, which is not shown",
    '2:80: notify.dba.every: expected a duration, it needs a unit (ms, s, m, h or d): "30"',
  ],
  listen_port:
    '1:9: listen: expected an address such as 127.0.0.1:9180, [::1]:9180 or localhost:9180: "9180"',
  listen_name:
    '1:9: listen: expected an address such as 127.0.0.1:9180, [::1]:9180 or localhost:9180, the IP address in place of a name: "db1.example:9180"',
  listen_list:
    "1:9: listen: expected an address such as 127.0.0.1:9180, [::1]:9180 or localhost:9180 or a mapping of keys: found a list",
  listen_beyond_without_tls:
    '1:9: listen: beyond this host it is served with TLS only, and for those who have a token or a certificate: "tls" and one of "token_file", "token_env" and "tls.client_ca_file" are missing: "0.0.0.0"',
  listen_inline_token: '1:36: listen.token: unknown key: "token" (did you mean "token_env"?)',
  listen_two_tokens:
    "1:9: listen: expected one of token_file and token_env: there are token_file and token_env",
  listen_without_address: '1:9: listen: a key is missing: "address"',
  listen_host_with_port:
    '1:56: listen.hosts[1]: expected a host name without its port, such as sniper.example: "sniper.example:9180"',
  listen_tls_without_key: '1:41: listen.tls: a key is missing: "key_file"',
  port_too_high: '4:11: databases[0].port: expected a whole number, 1 to 65535: "70000"',
  port_text: '4:11: databases[0].port: expected a whole number, 1 to 65535: "mysql"',
  port_zero: '4:11: databases[0].port: expected a whole number, 1 to 65535: "0"',
  host_and_socket:
    '4:5: databases[0].socket: "host" and "socket" exclude each other: "/run/mysqld/mysqld.sock"',
  port_and_socket:
    '4:5: databases[0].socket: "port" and "socket" exclude each other: "/run/mysqld/mysqld.sock"',
  neither_host_nor_socket: '2:5: databases[0]: a key is missing: "host" or "socket"',
  ssl_mode_unknown:
    '1:11: ssl_mode: expected one of "disabled", "preferred", "required", "verify-ca", "verify-identity": "VERIFY_CA" (did you mean "verify-ca"?)',
  verify_identity_of_ip_address:
    '4:11: databases[0].host: "verify-identity" compares the host name, and this is an IP address: "10.0.0.1"',
  verify_identity_of_ipv6_address:
    '3:11: databases[0].host: "verify-identity" compares the host name, and this is an IP address: "::1"',
  ssl_cert_without_key:
    '4:15: databases[0].ssl_cert: this needs "ssl_key" beside it: "ssl_cert_without_key.yaml"',
  ssl_ca_missing: '1:9: ssl_ca: cannot read the file: it does not exist: "nothing.pem"',
  unknown_group: '6:12: databases[0].group: no group has this name: "replica" (did you mean "replicas"?)',
  policy_without_where:
    '2:5: policies[0]: a key is missing: "where", a condition such as running and time > 10s',
  policy_without_then:
    '2:5: policies[0]: a key is missing: "then", one of "log", "kill query", "kill connection", or a list such as [kill query, notify NAME]',
  then_kill:
    '4:11: policies[0].then: expected one of "log", "kill query", "kill connection", or a list such as [kill query, notify NAME]: "kill"',
  then_in_capitals:
    '4:11: policies[0].then: expected one of "log", "kill query", "kill connection", or a list such as [kill query, notify NAME]: "KILL QUERY" (did you mean "kill query"?)',
  then_of_two: '4:11: policies[0].then: a policy does one thing with a session: "kill query" and "log"',
  then_notify_stranger:
    '4:11: policies[0].then: no channel has this name, below "notify": "dbs" (did you mean "dba"?)',
  then_notify_twice: '4:11: policies[0].then: this channel is named more than once: "dba"',
  then_notify_nobody:
    '4:24: policies[0].then[1]: expected one of "log", "kill query", "kill connection", "notify NAME": "notify"',
  then_empty_list:
    '4:11: policies[0].then: expected one of "log", "kill query", "kill connection", or a list such as [kill query, notify NAME]: found a list',
  for_without_unit: '5:10: policies[0].for: expected a duration, it needs a unit (ms, s, m, h or d): "10"',
  victims_limit_zero: '5:23: policies[0].victims.limit: expected a whole number, 1 or more: "0"',
  victims_order_unknown:
    '5:23: policies[0].victims.order: expected one of "oldest", "newest", "most-blocking": "eldest" (did you mean "oldest"?)',
  victims_number: "5:14: policies[0].victims: expected a mapping of keys, such as { limit: 5 }: found a text",
  when_nothing: "3:11: policies[0].when: expected a condition such as running and time > 10s: it is empty",
  where_nothing: "3:12: policies[0].where: expected a condition such as running and time > 10s: it is empty",
  when_names_session:
    '3:11: policies[0].when: "when" is about the database, and this is known of a session only: time',
  override_of_unknown_policy:
    '9:7: databases[0].policies.impactd: no policy of this name is inherited, and a new one needs "where" and "then": "impactd" (did you mean "impacted"?)',
  override_of_unknown_policy_without_where:
    '9:7: databases[0].policies.reads: no policy of this name is inherited, and a new one needs "where": "reads"',
  override_nothing: '9:16: databases[0].policies.impacted: expected "off" or a mapping of keys: it is empty',
  override_on: '9:17: databases[0].policies.impacted: expected "off" or a mapping of keys: "on"',
  override_wrong: "9:25: databases[0].policies.impacted.when: unknown name: lagg (did you mean lag?)",
  off_of_unknown_policy:
    '9:7: databases[0].policies.impactd: no policy of this name is in force here: "impactd" (did you mean "impacted"?)',
  time_without_unit: "3:31: policies[0].where: time is a duration and needs a unit (ms, s, m, h or d): 10",
  command_in_small_letters:
    "3:22: policies[0].where: command never has this value: 'query' (did you mean 'Query'?)",
  lag_in_quotes: "3:17: policies[0].when: lag is a duration, write it without quotes: '30s'",
  hll_with_duration: "3:17: policies[0].when: hll is a number, and cannot be compared with a duration: 30s",
  unknown_name: "3:24: policies[0].where: unknown name: tme (did you mean time?)",
  unclosed_parenthesis: '3:12: policies[0].where: the parenthesis is not closed: found "("',
  unclosed_string: "3:31: policies[0].where: the string is not closed: found 'app",
  bad_pattern:
    "3:25: policies[0].where: not a regular expression in RE2 syntax (missing closing ): `(app`): '(app'",
  unknown_name_in_folded_text: "5:11: policies[0].where: unknown name: tme (did you mean time?)",
  unknown_name_in_single_quotes: "3:44: policies[0].where: unknown name: tme (did you mean time?)",
  unknown_name_in_double_quotes: "3:42: policies[0].where: unknown name: tme (did you mean time?)",
  unknown_name_in_protect: "3:5: protect[1]: unknown name: usr (did you mean user?)",
  limit_not_defined: "3:17: policies[0].when: this limit is not defined: limits.lag",
  limit_defined_for_another_database:
    '10:5: databases[1]: the policy "impacted" uses a limit that is not defined for this database: limits.lag',
  limit_of_protect_not_defined:
    '7:5: databases[1]: "protect" uses a limit that is not defined for this database: limits.short',
  limit_of_another_type:
    "10:20: databases[0].limits.lag: this limit is a duration in limits, and a limit has one type: 1M",
  escalate_without_kill_query: [
    '5:5: policies[0].escalate: only "kill query" can be escalated, to the connection: "log"',
  ],
  during_nothing:
    "5:13: policies[0].during: expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: it is empty",
  during_word: '5:13: policies[0].during: expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: "always"',
  during_days_alone: '5:13: policies[0].during: these days have no hours, such as 08:00-20:00: "Mon-Fri"',
  during_days_after_hours: '5:13: policies[0].during: these days have no hours, such as 08:00-20:00: "Sat"',
  during_day_in_full:
    '5:13: policies[0].during: expected a day, Mon Tue Wed Thu Fri Sat Sun: "Monday" (did you mean "Mon"?)',
  during_day_unknown:
    '5:13: policies[0].during: expected a day, Mon Tue Wed Thu Fri Sat Sun: "Mo" (did you mean "Mon"?)',
  during_one_digit: '5:13: policies[0].during: expected a time of the day, 00:00 to 23:59: "8:00"',
  during_from_24: '5:13: policies[0].during: expected a time of the day, 00:00 to 23:59: "24:00"',
  during_to_25: '5:13: policies[0].during: expected a time of the day, 00:00 to 24:00: "25:00"',
  during_no_length: '5:13: policies[0].during: these hours end when they begin: "08:00-08:00"',
  during_zone_unknown:
    '5:13: policies[0].during: no time zone has this name (IANA): "Europe/Berln" (did you mean "Europe/Berlin"?)',
  during_zone_offset: '5:13: policies[0].during: no time zone has this name (IANA): "+02:00"',
  during_zone_of_some:
    '5:13: policies[0].during: the time zone comes at the very end, for all hours, or after each of them: "Mon 08:00-20:00 Europe/Berlin, Tue 08:00-20:00"',
  during_one_time:
    '5:13: policies[0].during: expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: "Mon 08:00"',
  during_list:
    "5:13: policies[0].during: expected hours such as Mon-Fri 08:00-20:00 Europe/Berlin: found a list",
  during_of_override:
    '9:27: databases[0].policies.impacted.during: expected a time of the day, 00:00 to 24:00: "8"',
  during_of_database: '4:5: databases[0].during: unknown key: "during"',
  include_missing: '1:10: include: cannot read the file: it does not exist: "nothing.yaml"',
  include_missing_of_list: '3:5: include[1]: cannot read the file: it does not exist: "nothing.yaml"',
  include_of_a_folder: '1:10: include: cannot read the file: it is a directory: "databases.d"',
  include_nothing: "1:9: include: expected a text, or a list of them: it is empty",
  include_empty_list: "1:10: include: expected at least 1 in this list: it has 0",
  include_itself: '1:10: include: a file cannot include itself: "include_it*.yaml"',
  include_without_databases:
    "1:1: include: there is no database, neither in this file nor in one that it includes",
  proxysql_nowhere: '1:11: proxysql: a key is missing: "address"',
  proxysql_password:
    '1:38: proxysql.password: unknown key: "password" (passwords stand in the credentials file)',
  proxysql_purge_of_total:
    '1:69: proxysql.digests.purge: digests are emptied after a dump of what came since the one before only: "mode" is "total"',
  proxysql_purge_without_unit:
    '1:66: proxysql.digests.purge.memory: expected a size, such as 1024GiB (KiB, MiB or GiB): "100"',
  proxysql_purge_word: '1:56: proxysql.digests.purge: expected one of "never": "always"',
  proxysql_shutdown_yes: '1:57: proxysql.drain.shutdown: expected "true" or "false": "yes"',
  proxysql_text:
    "1:11: proxysql: expected a mapping of keys, such as { address: 127.0.0.1:6032 }: found a text",
  proxysql_timeout_without_unit:
    '1:47: proxysql.timeout: expected a duration, it needs a unit (ms, s, m, h or d): "3"',
  proxysql_unknown_key: '1:38: proxysql.rolle: unknown key: "rolle" (did you mean "role"?)',
  proxysql_verify_ip_address:
    '1:22: proxysql.address: "verify-identity" compares the host name, and this is an IP address: "127.0.0.1"',
  proxysql_without_port:
    '1:22: proxysql.address: expected a host with the port of ProxySQL\'s admin interface, such as 127.0.0.1:6032, or a socket: "127.0.0.1"',
  keys_of_later_issues: [
    '5:1: retry: unknown key: "retry"',
    '6:1: plugins: unknown key: "plugins"',
  ],
  tags_with_upper_case:
    '1:8: tags[0]: the key of a tag has lower case letters, digits and underscores: "Controller"',
  tag_not_kept:
    '4:24: policies[0].where: this tag is not in the list of those that are kept ("tags"): tag.rout (did you mean tag.route?)',
  log_sql_unknown: '1:13: log.sql: expected one of "digest", "raw": "text"',
  several: [
    '1:7: mode: expected one of "dry-run", "enforce": "dryrun" (did you mean "dry-run"?)',
    '2:11: interval: expected a duration, it needs a unit (ms, s, m, h or d): "30"',
    "5:17: policies[0].when: lag is a duration and needs a unit (ms, s, m, h or d): 30",
    "6:12: policies[0].where: unknown name: tme (did you mean time?)",
    "6:33: policies[0].where: user is a string, and cannot be compared with a number: 5",
    '11:5: databases[0].prot: unknown key: "prot" (did you mean "port"?)',
    '12:20: databases[0].limits.lag: expected more than zero: "0s"',
    '13:11: databases[1].name: another database has this name: "orders"',
    '15:12: databases[1].group: no group has this name: "replicas"',
  ],
  exempt_of_nothing: '1:10: exempt[0]: a key is missing: "digest", "shape" or "tag.KEY"',
  exempt_of_two: '1:10: exempt[0]: an exemption is of one thing: "shape" and "tag.job" exclude each other',
  exempt_without_owner: '1:10: exempt[0]: a key is missing: "owner"',
  exempt_until_no_day: '1:57: exempt[0].until: expected a day, such as 2027-01-31: "2027-02-30"',
  exempt_tag_in_capitals:
    '1:21: exempt[0].tag.Job: the key of a tag has lower case letters, digits and underscores: "Job"',
  exempt_digest_cut:
    '1:20: exempt[0].digest: expected a digest as reports print it, such as v2:00d1f68b2a4c9e37: "v2:00d1"',
  exempt_text: "1:10: exempt[0]: expected a mapping of keys: found a text",
  alias_of_an_alias:
    '2:48: aliases[0].same_as[0]: a digest that others count as cannot count as another one: "v2:000000000000000b"',
  alias_twice:
    '3:48: aliases[1].same_as[0]: this digest counts as another one already: "v2:000000000000000c"',
  alias_of_nothing: "1:53: aliases[0].same_as: expected at least 1 in this list: it has 0",
  sharding_unknown_shard: [
    '3:13: sharding.metadata: no database has this name: "c"',
    '6:15: sharding.shards[1]: no database has this name: "aa"',
    '6:19: sharding.shards[2]: this shard is named twice: "a"',
  ],
  sharding_tables: [
    '7:39: sharding.tables.orders.with: no other table with a key has this name: "user" (did you mean "users"?)',
    '8:38: sharding.tables.items.with: name the table that this one is with itself: "user"',
    '9:12: sharding.tables.lists: "key" and "reference" exclude each other: a table is divided, or whole on every shard',
    '10:13: sharding.tables.others: a key is missing: "key" or "reference"',
    '11:5: sharding.tables.qs_map: this name of a table is not supported: "qs_map"',
    '12:25: sharding.tables.texts.reference: expected true, or no such key: "yes"',
    '13:19: sharding.tables.names.key: expected the name of a schema, a table or a column: letters, digits and underscores, 64 at most: "a b"',
  ],
  sharding_not_whole: [
    '3:3: sharding: a key is missing: "metadata"',
    '3:11: sharding.schema: expected the name of a schema, a table or a column: letters, digits and underscores, 64 at most: "shop;"',
    '4:10: sharding.slots: expected a whole number, 1024 to 1024: "512"',
    "6:11: sharding.shards: expected at least 1 in this list: it has 0",
    '7:3: sharding.pools: unknown key: "pools" (did you mean "pool"?)',
  ],
  sharding_provision: [
    '7:10: sharding.pool[0]: this one is a shard already, and no standby: "a"',
    '7:16: sharding.pool[2]: no database has this name: "c"',
    '7:19: sharding.pool[3]: this standby is named twice: "b"',
    "8:22: sharding.provision.http: expected an address such as https://servers.example/shards; http:// for this host only: found something else, which is not shown",
    '8:55: sharding.provision.exec: expected the whole path of a program: "new-shard"',
    '8:75: sharding.provision.timeout: expected at least 1s: "0s"',
    '8:88: sharding.provision.destroy: expected one of "never", "when-drained": "always"',
    '9:20: sharding.admin.listen: beyond this host it is served with TLS only, and for those who have a token or a certificate: "tls" and one of "tokens_file" and "tls.client_ca_file" are missing: "0.0.0.0"',
  ],
  sharding_provision_of_both: [
    '7:14: sharding.provision: "http" and "exec" exclude each other: a server is made by one of them',
  ],
  sharding_provision_of_nothing: [
    '7:14: sharding.provision: a key is missing: "http" or "exec"',
    '8:20: sharding.admin.listen: beyond this host it is served with TLS only, and for those who have a token or a certificate: "tls" is missing: "10.0.0.1"',
  ],
  sharding_router: [
    '7:21: sharding.router.listen: expected an address of this host with a port, such as 127.0.0.1:8080: "0.0.0.0:8080"',
    '7:58: sharding.router.statements[1]: expected one of "select", "insert", "update", "delete", "replace": "drop"',
    '7:74: sharding.router.timeout: expected a duration, it needs a unit (ms, s, m, h or d): "10"',
    '7:84: sharding.router.rows: expected a number of rows, such as 10k, 1M at most: "10M"',
    '7:102: sharding.router.connections: expected a whole number, 1 to 1000: "0"',
  ],
  sharding_policies: [
    '7:15: sharding.max_shards: expected a whole number, 1 to 1024: "0"',
    '8:21: sharding.budget.shards: expected a whole number, 0 to 1024: "many"',
    '8:32: sharding.budget.per: expected at least 1m: "1s"',
    '9:24: sharding.metrics.interval: expected a duration, it needs a unit (ms, s, m, h or d): "10"',
    '9:34: sharding.metrics.rows: expected exact, estimated, or exact up to a number of rows, such as exact up to 1M: "exact up to 1MiB"',
    '9:69: sharding.metrics.node_exporter.c: no database has this name: "c"',
    '9:100: sharding.metrics.node_exporter.b: expected the address of a node_exporter, such as http://10.0.0.1:9100/metrics: "ftp://h"',
    "9:114: sharding.metrics.node_exporter.a: an address with a user or a password would be printed: leave it out",
    "11:39: sharding.policies[0].when: unknown name: cpus (did you mean cpu?)",
    '11:57: sharding.policies[0].then: expected one of "log", "split", "add shard", "rebalance", or a list such as [split, notify NAME]: "splitt" (did you mean "split"?)',
    '12:15: sharding.policies[1].name: another policy has this name: "hot"',
    '12:48: sharding.policies[1].then: only a policy with "each: shard" says which shard: "split"',
    '13:27: sharding.policies[2].each: expected one of "shard": "database"',
    '13:65: sharding.policies[2].then: a policy does one thing with the shards: "add shard" and "rebalance"',
    '14:27: sharding.policies[3].when: each shard has its own value of this, write max(cpu), or sum, avg, min, count of it, or add "each: shard": cpu',
    '14:43: sharding.policies[3].then: no channel has this name, below "notify": "ops"',
    '14:62: sharding.policies[3].give_up_after: only a policy with "settle" gives up',
    '15:7: sharding.policies[4]: a key is missing: "when", a condition such as running and time > 10s',
    '15:32: sharding.policies[4].where: unknown key: "where"',
    '16:46: sharding.policies[5].when: "each: shard" asks about one shard at a time, and avg() is over all: leave out "each": avg(cpu)',
    "16:63: sharding.policies[5].until: expected a condition, such as lag > …, but lag is a duration",
  ],
};
