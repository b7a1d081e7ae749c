#!/bin/bash
# The hook before the end of ProxySQL: drain.sh SECONDS. SIGTERM ends statements at once, so the end begins here: the agent
# takes no new connections, ends sessions as they become idle, shuts ProxySQL down, and then ends its answer. An agent that
# does not answer so, as one that is started again just now, is asked again, for SECONDS in all; then the hook fails with
# what it was told last, which Kubernetes shows as an event of the pod. The shell of ProxySQL's image has no client for HTTP.
ask() {
  timeout "$1" /bin/bash -c '
    exec 3<>"/dev/tcp/$1" &&
    printf "POST /shutdown HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nAuthorization: Bearer %s\r\n" "$(cat "$2")" >&3 &&
    printf "Content-Length: 0\r\nConnection: close\r\n\r\n" >&3 && cat <&3
  ' ask "${AGENT:-127.0.0.1/8080}" "${TOKEN_FILE:-/run/secrets/query-sniper/token}" 2>/dev/null
}
while ((SECONDS < $1)); do
  answer="$(ask "$(($1 - SECONDS))")"
  if [[ "$answer" == *'"state":"done"'* ]]; then
    echo "${answer##*$'\r\n\r\n'}"
    exit 0
  fi
  sleep 1
done
echo "ProxySQL is not drained: ${answer:-no agent answers}"
exit 1
