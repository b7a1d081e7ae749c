import { type Connection, DatabaseError } from "../../connection/mod.ts";

/**
 * For this long, in milliseconds, a proven reading counts as current. InnoDB refreshes INNODB_TRX and
 * INNODB_LOCK_WAITS only if nobody has read them for 100 ms (trx0i_s.cc, CACHE_MIN_IDLE_TIME): a client that reads
 * more often keeps seeing the old state, and makes all others see it too.
 */
const LONGEST_KEPT = 200;
/**
 * Waits for those 100 ms, which refreshes the tables if nobody else reads them meanwhile. Two programs that wait
 * equally long would read in each other's pauses for ever.
 */
const WAIT = "DO SLEEP(0.11 + RAND() * 0.12)";
/**
 * The most readings. Decisions expire after a second, and the waits between so many readings take half of that at
 * most.
 */
const READINGS = 3;

const STALE =
  "InnoDB shows transactions and locks as they were some time ago: another client reads INNODB_TRX " +
  "more often than every 100 ms";

/**
 * Starts a transaction of our own. The tables then show it with the statement it runs, which proves when they were
 * filled. Under READ COMMITTED it opens no read view, and it holds nothing.
 */
const BEGIN = "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT";

/** The readings on a connection: how many there were, and the last one that was proven, with the server's time. */
interface Readings {
  readonly count: number;
  readonly proved: { readonly reading: number; readonly at: number } | undefined;
}

const READINGS_OF = new WeakMap<Connection, Readings>();

/**
 * Makes sure that what InnoDB's tables show in the next 100 ms is current. Three round trips; up to eleven if
 * others have just read them.
 * @param peer Another connection of this program to the server: what it has just read is current, too.
 * @throws {DatabaseError} `statement`, if they are outdated.
 */
export async function proveFresh(connection: Connection, peer?: Connection): Promise<void> {
  for (let attempt = 0; attempt < READINGS; attempt++) {
    if (attempt > 0) await connection.query(WAIT);
    if (await isFresh(connection, peer)) return;
  }
  throw new DatabaseError("statement", STALE);
}

async function isFresh(connection: Connection, peer: Connection | undefined): Promise<boolean> {
  const { count, proved } = readingsOf(connection);
  const reading = count + 1;
  const { shown, shownOfPeer, at } = await readShown(connection, reading, peer);
  const isNow = shown === reading;
  READINGS_OF.set(connection, { count: reading, proved: isNow ? { reading, at } : proved });
  return isNow || isRecent(proved, shown, at) ||
    (peer !== undefined && isRecent(readingsOf(peer).proved, shownOfPeer, at));
}

function readingsOf(connection: Connection): Readings {
  return READINGS_OF.get(connection) ?? { count: 0, proved: undefined };
}

/** Whether the tables show a reading that was proven a moment ago. The server's clock may have been set back. */
function isRecent(proved: Readings["proved"], shown: number, at: number): boolean {
  return proved !== undefined && shown === proved.reading && Math.abs(at - proved.at) <= LONGEST_KEPT;
}

/** Which of our readings the server shows, or 0, and its time in milliseconds. */
async function readShown(connection: Connection, reading: number, peer: Connection | undefined) {
  await connection.query(BEGIN);
  try {
    const [row] = await connection.query(
      `SELECT ${reading} AS reading, UNIX_TIMESTAMP(NOW(6)) * 1000 AS at, ` +
        `${shownOf("CONNECTION_ID()")} AS shown, ${peer === undefined ? 0 : shownOf(peer.id)} AS peer`,
    );
    return {
      shown: Number(row?.["shown"] ?? 0),
      shownOfPeer: Number(row?.["peer"] ?? 0),
      at: Number(row?.["at"]),
    };
  } finally {
    await connection.query("COMMIT");
  }
}

/** The number of the reading follows the first word of `trx_query`. */
function shownOf(connection: number | "CONNECTION_ID()"): string {
  return "(SELECT SUBSTRING_INDEX(SUBSTRING(trx_query, 8), ' ', 1) FROM information_schema.INNODB_TRX " +
    `WHERE trx_mysql_thread_id = ${connection})`;
}
