/**
 * Where the text is in a statement about accounts: the names of users are data, as their passwords are. Names of roles
 * are shown.
 */
export interface Accounts {
  /** The first word of the statement; SET ROLE for SET DEFAULT ROLE. */
  statement: string;
  /** The keyword before the piece at hand. */
  previous: string;
  /** Whether the name of an account is due. */
  due: boolean;
  /** Whether one is due behind a comma. */
  list: boolean;
}

/** The first words of the statements that name accounts (manual: "Account Management Statements"), and DEFINER. */
const STATEMENTS: ReadonlySet<string> = new Set(
  ["ALTER", "CREATE", "DROP", "GRANT", "KILL", "RENAME", "REVOKE", "SET", "SHOW"],
);

/** What may stand in front of USER: MariaDB has KILL QUERY USER u. */
const BEFORE_USER: ReadonlySet<string> = new Set(
  ["ALTER", "CONNECTION", "CREATE", "DROP", "KILL", "QUERY", "RENAME", "REPLACE"],
);

/** Keywords that may stand in the place of an account, and in front of one. */
const NO_NAMES: ReadonlySet<string> = new Set([
  "CURRENT_USER",
  "SYSTEM_USER",
  "EXISTS",
  "IF",
  "NOT",
  "OPTION",
  "ROLE",
]);

/** Words of a statement that begins with one of these are to be noted. */
export function newAccounts(word: string): Accounts | undefined {
  if (!STATEMENTS.has(word)) return undefined;
  return { statement: word, previous: word, due: false, list: false };
}

/** Whether a word is the name of an account here, also where it is a keyword elsewhere. */
export function isAccount(accounts: Accounts | undefined, word: string | undefined): boolean {
  return accounts !== undefined && accounts.due && !(word !== undefined && NO_NAMES.has(word));
}

/** Notes a keyword or operator that is a piece of the digest. */
export function noteAccountWord(accounts: Accounts, word: string): void {
  const { previous, statement } = accounts;
  accounts.previous = word;
  if (word === "SYSTEM_USER" && BEFORE_USER.has(previous)) {
    accounts.due = true;
    accounts.list = statement !== "KILL";
  } else if (word === "ROLE") {
    // The names behind it are those of roles; SET DEFAULT ROLE r TO u.
    if (statement === "SET") accounts.statement = "SET ROLE";
    accounts.due = false;
    accounts.list = false;
  } else if (beginsList(word, accounts)) {
    accounts.due = true;
    accounts.list = true;
  } else if (isBeforeAccount(word, previous, statement)) accounts.due = true;
  else if (word === ",") accounts.due = accounts.list;
  else if (word !== "IF" && word !== "NOT" && word !== "EXISTS") accounts.due = false;
}

function beginsList(word: string, { statement, list }: Accounts): boolean {
  if (word === "TO") {
    return statement === "GRANT" || statement === "SET ROLE" || (statement === "RENAME" && list);
  }
  return word === "FROM" && statement === "REVOKE";
}

/** SET PASSWORD FOR u, SHOW GRANTS FOR u, GRANT PROXY ON u, GRANT … AS u, WITH ADMIN u, DEFINER = u. */
function isBeforeAccount(word: string, previous: string, statement: string): boolean {
  switch (word) {
    case "FOR":
      return previous === "GRANTS" || previous === "PASSWORD";
    case "ON":
      return previous === "PROXY";
    case "AS":
      return statement === "GRANT";
    case "ADMIN":
      return previous === "WITH";
    case "=":
      return previous === "DEFINER" && (statement === "CREATE" || statement === "ALTER");
  }
  return false;
}
