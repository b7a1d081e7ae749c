import { createPrivateKey, X509Certificate } from "node:crypto";

/** What is wrong with a certificate and its key, for the one or the other; undefined: nothing. Both are PEM texts. */
export function pairFault(
  cert: string,
  key: string,
): { readonly of: "cert" | "key"; readonly fault: string } | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(cert);
  } catch {
    return { of: "cert", fault: "this certificate cannot be read" };
  }
  try {
    return certificate.checkPrivateKey(createPrivateKey(key))
      ? undefined
      : { of: "key", fault: "this is not the key of the certificate" };
  } catch (error) {
    // Deno 2.4 cannot compare them.
    if ((error as { readonly code?: string }).code === "ERR_NOT_IMPLEMENTED") return undefined;
    return { of: "key", fault: "this key cannot be read: it must not have a passphrase" };
  }
}
