import { assertEquals, assertMatch } from "@std/assert";
import type { CheckedDatabase } from "../../src/cli/commands/check/check_report.ts";
import { checkText } from "../../src/cli/commands/check/check_text.ts";
import type { SslMode } from "../../src/config/mod.ts";
import { Connection, DatabaseError } from "../../src/connection/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, Client, requireFlavors, startPair } from "../lab/mod.ts";
import { ROOT, runProgram } from "../program.ts";
import { linesOf, writeConfig } from "./fixture.ts";

const FOLDER = `${ROOT}tests/fixtures/tls`;
const CA = await Deno.readTextFile(`${FOLDER}/ca.pem`);
const OTHER_CA = await Deno.readTextFile(`${FOLDER}/other-ca.pem`);

/** What became of a connection: encrypted or not, or the beginning of what went wrong. */
async function connect(port: number, mode: SslMode, ca?: string, host = "localhost"): Promise<string> {
  const { user, password } = ACCOUNTS.sniper;
  try {
    const connection = await Connection.open({
      address: { host, port },
      tls: { mode, ...ca !== undefined && { ca } },
      account: { user, password: new Secret(password) },
    });
    await connection.close();
    return connection.encrypted ? "encrypted" : "in the clear";
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return error.message.replace(/(TLS failed).*/, "$1");
  }
}

/** What `check` finds of databases that are written like this. */
async function checked(databases: readonly string[]): Promise<readonly CheckedDatabase[]> {
  const rules = "policies: [{ name: p, where: time > 10s, then: log }]";
  await using config = await writeConfig({ rules, databases, mode: "dry-run" });
  const { stdout, stderr } = await runProgram(["check", "-c", config.file, "--format", "json"]);
  assertEquals(stderr, "");
  return linesOf({ stdout }).map((line) => JSON.parse(line) as CheckedDatabase);
}

for (const flavor of await requireFlavors()) {
  Deno.test(`ssl_mode on a ${flavor} server with TLS`, async () => {
    await using pair = await startPair(flavor, {
      serverArguments: [
        `--ssl-ca=${FOLDER}/ca.pem`,
        `--ssl-cert=${FOLDER}/server-cert.pem`,
        `--ssl-key=${FOLDER}/server-key.pem`,
      ],
      alone: true,
    });
    const { port } = pair.primary;
    assertEquals(await connect(port, "disabled"), "in the clear");
    assertEquals(await connect(port, "preferred"), "encrypted");
    assertEquals(await connect(port, "required"), "encrypted");
    assertEquals(await connect(port, "verify-ca", CA), "encrypted");
    assertEquals(await connect(port, "verify-identity", CA), "encrypted");
    assertEquals(await connect(port, "verify-ca", CA, "127.0.0.1"), "encrypted", "another name");
    assertEquals(await connect(port, "verify-ca", OTHER_CA), "TLS failed");
    assertEquals(await connect(port, "verify-identity", OTHER_CA), "TLS failed");
    assertEquals(await connect(port, "verify-ca"), "TLS failed", "no usual authority");
    const address = `host: 127.0.0.1, port: ${port}`;
    const [encrypted, clear, local] = await checked([
      `{ name: encrypted, ${address} }`,
      `{ name: clear, ${address}, ssl_mode: disabled }`,
      `{ name: local, socket: ${pair.primary.socket} }`,
    ]);
    assertEquals([encrypted!.encrypted, clear!.encrypted, local!.encrypted], [true, false, false]);
    assertMatch(`${encrypted!.tls?.version} ${encrypted!.tls?.cipher}`, /^TLSv1\.[23] [A-Z0-9_-]{10,}$/);
    assertEquals([clear!.tls, local!.tls], [undefined, undefined]);
    const rows = checkText([encrypted!, clear!, local!]).slice(1, 4).map((line) => line.split(/  +/)[2]);
    assertEquals(rows, [`${encrypted!.tls?.version} ${encrypted!.tls?.cipher}`, "none", "socket"]);
  });

  Deno.test(`ssl_mode on a ${flavor} server without TLS`, async () => {
    await using pair = await startPair(flavor, { serverArguments: flavor === "mysql" ? [] : ["--skip-ssl"] });
    const { port } = pair.primary;
    if (flavor === "mysql") {
      // Not from the start: its replica would not connect.
      await using root = await Client.connect(pair.primary);
      await root.query("SET GLOBAL tls_version = ''");
      await root.query("ALTER INSTANCE RELOAD TLS NO ROLLBACK ON ERROR");
    }
    assertEquals(await connect(port, "preferred"), "in the clear");
    for (const mode of ["required", "verify-ca", "verify-identity"] as const) {
      assertEquals(await connect(port, mode, CA), "the server offers no TLS", mode);
    }
  });
}

Deno.test("verify-identity refuses a certificate for another name, and verify-ca takes it", async () => {
  const [flavor] = await requireFlavors();
  await using pair = await startPair(flavor!, {
    serverArguments: [`--ssl-cert=${FOLDER}/other-name-cert.pem`, `--ssl-key=${FOLDER}/server-key.pem`],
    alone: true,
  });
  assertEquals(await connect(pair.primary.port, "verify-identity", CA), "TLS failed");
  assertEquals(await connect(pair.primary.port, "verify-ca", CA), "encrypted");
});
