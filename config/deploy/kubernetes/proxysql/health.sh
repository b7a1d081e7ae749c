#!/bin/bash
# A probe of ProxySQL: health.sh PROBE PORT, where PROBE is started, live or ready. What the agent beside it says counts: a
# ProxySQL that answers a ping may hang all the same. Where no agent answers within 3 s, as it is started again or hangs,
# ProxySQL does not end with it: then it counts whether ProxySQL takes connections at PORT. The shell of ProxySQL's image has
# no client for HTTP.
answer="$(
  timeout 3 /bin/bash -c '
    exec 3<>"/dev/tcp/$1" &&
    printf "GET /healthz/%s HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nConnection: close\r\n\r\n" "$2" >&3 && cat <&3
  ' ask "${AGENT:-127.0.0.1/8080}" "$1" 2>/dev/null
)"
case "$answer" in
  "HTTP/1.1 200 "*) exit 0 ;;
  "HTTP/1.1 503 "*) echo "${answer##*$'\n'}"; exit 1 ;;
esac
if timeout 1 /bin/bash -c ': 3<>"/dev/tcp/127.0.0.1/$1"' ask "$2" 2>/dev/null; then exit 0; fi
echo "neither the agent nor ProxySQL at port $2 answers"
exit 1
