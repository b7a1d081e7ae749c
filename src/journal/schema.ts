/** The shape that this program writes. A file of a newer one is refused. */
export const SCHEMA_VERSION = 2;

/** What a journal of the first programs of version 2 lacks. They know nothing of it, and go on all the same. */
export const ADDED = `
  CREATE TABLE manner (
    id INTEGER PRIMARY KEY,
    mode TEXT NOT NULL, escalation INTEGER NOT NULL,
    command TEXT NOT NULL,        -- of the session
    idle INTEGER NOT NULL,        -- 1: time_ms is for how long it had been idle
    UNIQUE (mode, escalation, command, idle)
  ) STRICT;
  ALTER TABLE decision ADD COLUMN manner INTEGER REFERENCES manner;
  ALTER TABLE decision ADD COLUMN session_more TEXT;    -- JSON object: what few sessions have; NULL: nothing
`;

/**
 * Version 2. Whatever repeats is in a dictionary, so that a decision is a narrow row. Times are milliseconds since 1970,
 * days are whole days since 1970 in UTC, `word` has the names of actions, outcomes and reasons.
 */
export const SCHEMA = `
  CREATE TABLE word (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE database (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE server (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE policy (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL,
    hash TEXT NOT NULL,           -- of the policy as it was written: another one after every change; '' if unknown
    since INTEGER NOT NULL,
    UNIQUE (name, hash)
  ) STRICT;
  CREATE TABLE actor (
    id INTEGER PRIMARY KEY,       -- '' where a value is unknown or absent
    user TEXT NOT NULL, host TEXT NOT NULL, db TEXT NOT NULL, program TEXT NOT NULL,
    UNIQUE (user, host, db, program)
  ) STRICT;
  CREATE TABLE tags (id INTEGER PRIMARY KEY, tags TEXT NOT NULL UNIQUE) STRICT;                 -- JSON object
  CREATE TABLE clauses (id INTEGER PRIMARY KEY, expressions TEXT NOT NULL UNIQUE) STRICT;       -- JSON array of texts
  CREATE TABLE digest (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE,
    shape TEXT NOT NULL,          -- '' if unknown
    verb TEXT,
    tables TEXT NOT NULL,         -- JSON array
    digest_text TEXT NOT NULL, server_digest TEXT,
    first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX digest_by_shape ON digest (shape);

  -- One row for each kill, hit of a dry run, skip and match.
  CREATE TABLE decision (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,          -- of the intent
    database INTEGER NOT NULL REFERENCES database,
    server INTEGER NOT NULL REFERENCES server,
    policy INTEGER NOT NULL REFERENCES policy,
    action INTEGER NOT NULL REFERENCES word,
    outcome INTEGER REFERENCES word,      -- NULL: a kill whose outcome is not known yet
    reason INTEGER REFERENCES word,       -- of a skip
    digest INTEGER REFERENCES digest, actor INTEGER NOT NULL REFERENCES actor, tags INTEGER REFERENCES tags,
    clauses INTEGER NOT NULL REFERENCES clauses,
    evidence TEXT NOT NULL,       -- JSON array: for each expression of the clauses what events say of it, without the expression
    session INTEGER NOT NULL,     -- connection id
    execution TEXT,
    time_ms INTEGER,              -- for how long it had run or rested
    took_ms REAL,                 -- the action
    intended INTEGER NOT NULL,    -- 1: an intent was written before it was done; 0: nothing was done
    note TEXT
  ) STRICT;
  CREATE INDEX decision_by_time ON decision (at);
  CREATE INDEX decision_by_database ON decision (database, at);
  CREATE INDEX decision_unfinished ON decision (at) WHERE outcome IS NULL;

  -- Sums of decisions, so that a year is read in a moment. Changed in the transaction that changes the decision.
  CREATE TABLE day_digest (
    day INTEGER, digest INTEGER,  -- digest 0: none
    policy INTEGER, outcome INTEGER, count INTEGER NOT NULL,
    time_ms INTEGER NOT NULL,     -- sum
    worst_ms INTEGER NOT NULL,
    PRIMARY KEY (day, digest, policy, outcome)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE digest_database (
    digest INTEGER, database INTEGER, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (digest, database)
  ) STRICT, WITHOUT ROWID;

  -- What was looked at. A minute without a look is a missed one.
  CREATE TABLE coverage (
    day INTEGER, database INTEGER,
    looks INTEGER NOT NULL, minutes INTEGER NOT NULL, errors INTEGER NOT NULL, late INTEGER NOT NULL,
    worst_ms REAL NOT NULL, skipped INTEGER NOT NULL,
    seen BLOB NOT NULL,           -- 180 bytes: a bit for each of the 1,440 minutes of the day, first minute in the lowest bit
    PRIMARY KEY (day, database)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE health (
    day INTEGER, database INTEGER,
    hours BLOB NOT NULL,          -- 48 float32, little endian: of each hour the most lag in seconds, then the longest history; NaN: unknown
    PRIMARY KEY (day, database)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE gate (
    id INTEGER PRIMARY KEY, database INTEGER NOT NULL, policy INTEGER NOT NULL,
    opened_at INTEGER NOT NULL, closed_at INTEGER,
    clauses INTEGER, evidence TEXT,       -- of the opening, as in decision
    closed_evidence TEXT                  -- of the closing, with its expressions
  ) STRICT;
  CREATE INDEX gate_by_time ON gate (opened_at);
  CREATE INDEX gate_open ON gate (database) WHERE closed_at IS NULL;
  -- Of killed digests, from the server's own statement summary.
  CREATE TABLE executions (
    day INTEGER, database INTEGER, digest INTEGER, count INTEGER NOT NULL, time_ms REAL NOT NULL,
    PRIMARY KEY (day, digest, database)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE mark (
    id INTEGER PRIMARY KEY, at INTEGER NOT NULL,
    kind TEXT NOT NULL,           -- policy-changed, upgraded, started, stopped, paused, resumed
    database INTEGER,             -- NULL: the whole program
    text TEXT NOT NULL
  ) STRICT;
  CREATE INDEX mark_by_time ON mark (at);
  -- The policies in force when a program last began, so that the next one sees what has changed.
  CREATE TABLE in_force (
    database INTEGER, policy INTEGER,
    PRIMARY KEY (database, policy)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE probe (filler BLOB) STRICT;
  ${ADDED}
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
