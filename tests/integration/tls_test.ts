import { assertEquals } from "@std/assert";
import type { SslMode } from "../../src/config/mod.ts";
import { Connection, DatabaseError } from "../../src/connection/mod.ts";
import { Secret } from "../../src/text/secret.ts";
import { ACCOUNTS, Client, requireFlavors, startPair } from "../lab/mod.ts";
import { ROOT } from "../program.ts";

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

for (const flavor of await requireFlavors()) {
  Deno.test(`ssl_mode on a ${flavor} server with TLS`, async () => {
    await using pair = await startPair(flavor, {
      serverArguments: [
        `--ssl-ca=${FOLDER}/ca.pem`,
        `--ssl-cert=${FOLDER}/server-cert.pem`,
        `--ssl-key=${FOLDER}/server-key.pem`,
      ],
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
  });
  assertEquals(await connect(pair.primary.port, "verify-identity", CA), "TLS failed");
  assertEquals(await connect(pair.primary.port, "verify-ca", CA), "encrypted");
});
