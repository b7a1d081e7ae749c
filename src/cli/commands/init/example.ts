/** An example file. */
export interface Example {
  readonly name: string;
  readonly text: string;
  /** Its permissions, before the umask. */
  readonly mode: number;
}

const CONFIG = `# Query Sniper: what to watch, when it is hurt, and what to end then.
# Check it with:         query-sniper validate-config query-sniper.yaml
# How to write \`when\` and \`where\`: query-sniper help language, and help names

mode: dry-run                  # decides and logs, and kills nothing; when you like what it would do: enforce
credentials: credentials.yaml  # who logs in; relative to this file

limits:                        # values that policies name; a database may have its own
  lag: 30s
  query_time: 10s

policies:                      # asked in this order
  - name: long-reads
    description: Kill long reads while the database is hurting.
    when:  lag > limits.lag or threads_running > 100
    for:   5s                                      # hurting for this long, before anything is done
    where: running and verb = 'select' and time > limits.query_time
    then:  kill query                              # log · kill query · kill connection
    victims: { order: oldest, limit: 5 }           # at each look

protect:                       # sessions that no policy may touch
  - user in ('backup', 'replicator')

databases:
  - name: first                # what events call it
    host: 127.0.0.1            # the server's address
    port: 3306
    # mode: enforce            # to arm this one alone
`;

const CREDENTIALS = `# Who logs in. Only its owner may read this file: chmod 600 credentials.yaml
# The account needs few rights: query-sniper grants

default:                       # for every database
  user: sniper
  password: "change me"        # or password_env: NAME, or password_file: PATH, in its place

# databases:                   # accounts of their own
#   first: { user: sniper, password: "change me" }
`;

const TESTS = `# Unit tests of the policies, over simulated time: query-sniper test tests.yaml

config: query-sniper.yaml
tests:
  - name: a long read goes once the replica has lagged for five seconds, a short one and a write stay
    values: { lag: { 0s: 1s, 10s: 42s }, threads_running: 3 }   # 42s from 10s on
    sessions:
      - { id: 7, sql: SELECT * FROM orders, started: -5m }
      - { id: 8, sql: SELECT * FROM orders, started: 12s }
      - { id: 9, sql: UPDATE orders SET paid = 1, started: -5m }
    expect:
      - { at: 14s, victims: [] }
      - { at: 16s, victims: [7], spared: [8, 9] }
`;

/** The files that `init` writes: the configuration, the credentials, and tests of the policies. */
export const EXAMPLES: readonly Example[] = [
  { name: "query-sniper.yaml", text: CONFIG, mode: 0o666 },
  { name: "credentials.yaml", text: CREDENTIALS, mode: 0o600 },
  { name: "tests.yaml", text: TESTS, mode: 0o666 },
];
