import { type Connection, DatabaseError } from "../../connection/mod.ts";

/**
 * For so long, in milliseconds, what was proved to be so is taken for the present. InnoDB fills INNODB_TRX and
 * INNODB_LOCK_WAITS anew only if nobody asked for them for 100 ms (trx0i_s.cc, CACHE_MIN_IDLE_TIME): who asks more often
 * sees, and makes all others see, what was so when that began.
 */
const LONGEST_KEPT = 200;
/** Lets those 100 ms pass, if nobody else asks meanwhile. */
const WAIT = "DO SLEEP(0.11)";
const READINGS = 2;

const STALE =
  "InnoDB shows transactions and locks as they were some time ago: another client reads INNODB_TRX " +
  "more often than every 100 ms";

/**
 * Starts a transaction of our own. It is then among those that are shown, with the statement that it runs, which is the
 * proof of when they were. Under READ COMMITTED it opens no read view, and it holds nothing.
 */
const BEGIN = "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT";

/** What was read on a connection: how often, and which reading was the last that was proved, at the server's time. */
interface Readings {
  readonly count: number;
  readonly proved: { readonly reading: number; readonly at: number } | undefined;
}

const READINGS_OF = new WeakMap<Connection, Readings>();

/**
 * Makes sure that what InnoDB's tables show in the next 100 ms is of the present. Three round trips; seven where another
 * client has just asked.
 * @throws {DatabaseError} `statement`, where it is out of date.
 */
export async function proveFresh(connection: Connection): Promise<void> {
  for (let attempt = 0; attempt < READINGS; attempt++) {
    if (attempt > 0) await connection.query(WAIT);
    if (await isFresh(connection)) return;
  }
  throw new DatabaseError("statement", STALE);
}

async function isFresh(connection: Connection): Promise<boolean> {
  const { count, proved } = READINGS_OF.get(connection) ?? { count: 0, proved: undefined };
  const reading = count + 1;
  const { shown, at } = await readOwn(connection, reading);
  const isNow = shown === reading;
  READINGS_OF.set(connection, { count: reading, proved: isNow ? { reading, at } : proved });
  // The server's clock may have been set back meanwhile.
  return isNow ||
    (proved !== undefined && shown === proved.reading && Math.abs(at - proved.at) <= LONGEST_KEPT);
}

/** Which of our readings the server shows, and its time in milliseconds; 0 for none. */
async function readOwn(
  connection: Connection,
  reading: number,
): Promise<{ readonly shown: number; readonly at: number }> {
  await connection.query(BEGIN);
  try {
    // The number is what stands in `trx_query` behind the first word.
    const [row] = await connection.query(
      `SELECT ${reading} AS reading, UNIX_TIMESTAMP(NOW(6)) * 1000 AS at, ` +
        "(SELECT SUBSTRING_INDEX(SUBSTRING(trx_query, 8), ' ', 1) FROM information_schema.INNODB_TRX " +
        "WHERE trx_mysql_thread_id = CONNECTION_ID()) AS shown",
    );
    return { shown: Number(row?.["shown"] ?? 0), at: Number(row?.["at"]) };
  } finally {
    await connection.query("COMMIT");
  }
}
