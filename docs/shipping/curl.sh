# Barito, app ${BARITO_APP}
# Sends one line, to see that it works. It tries again for two minutes where Barito asks it to.
curl --fail --show-error --retry 20 --retry-max-time 120 \
  -H 'X-App-Secret: ${BARITO_SECRET}' \
  -H 'Content-Type: application/x-ndjson' \
  --data-binary '{"level":"info","message":"hello from curl"}' \
  '${BARITO_URL}/produce_batch'
