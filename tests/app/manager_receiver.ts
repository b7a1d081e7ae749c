// Receives what a program tells its service manager, like systemd: run by `startManager` with --unstable-net.

const [path = ""] = Deno.args;

interface DatagramReceiver extends AsyncIterable<readonly [Uint8Array, unknown]> {
  close(): void;
}

if (import.meta.main) {
  const listen = Reflect.get(Deno, "listenDatagram") as (address: unknown) => DatagramReceiver;
  const socket = listen({ transport: "unixpacket", path });
  const decoder = new TextDecoder();
  const print = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
  print("[]");
  for await (const [bytes] of socket) print(JSON.stringify(decoder.decode(bytes).split("\n")));
}
