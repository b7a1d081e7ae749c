/** A host, which may be a name, and a port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252}[A-Za-z0-9])?$/;
const HOST = /^(?:([^[\]:]+)|\[([0-9A-Fa-f:.]+)\]):(\d{1,5})$/;

/** Whether a text can be a name of a host, or an IPv4 address. */
export function isHostName(text: string): boolean {
  return NAME.test(text);
}

/** What `HOST:PORT` or `[IPV6]:PORT` says; undefined where a text is neither. */
export function hostPortIn(text: string): HostPort | undefined {
  const [, name, ip, digits] = HOST.exec(text) ?? [];
  const port = Number(digits);
  const host = name ?? ip;
  if (host === undefined || !(port >= 1 && port <= 65535)) return undefined;
  return name === undefined || isHostName(name) ? { host, port } : undefined;
}

/** A host and a port as a configuration has them. */
export function hostPortText({ host, port }: HostPort): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
