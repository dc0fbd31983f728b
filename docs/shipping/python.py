# Barito, app ${BARITO_APP}
# Nothing to install: Python's own library. It waits as long as Barito asks it to and keeps nothing on disk; a program whose
# lines matter writes them to a file, and one of the shippers here sends the file.
import json
import time
import urllib.error
import urllib.request
import uuid

URL = "${BARITO_URL}/produce_batch"
SECRET = "${BARITO_SECRET}"


def send(lines):
    """Sends dictionaries as one batch, until Barito has them; the batch's name keeps a retry from making duplicates."""
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines)
    headers = {
        "X-App-Secret": SECRET,
        "Content-Type": "application/x-ndjson",
        "X-Barito-Batch-Id": uuid.uuid4().hex,
        "X-Barito-Batch-Time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    delay = 1
    while True:
        try:
            request = urllib.request.Request(URL, body, headers)
            return urllib.request.urlopen(request, timeout=30).close()
        except urllib.error.HTTPError as error:
            if error.code not in (408, 429) and error.code < 500:
                raise RuntimeError(error.read().decode(errors="replace")) from error
            wait = error.headers.get("Retry-After", "")
            time.sleep(int(wait) if wait.isdigit() else delay)
        except OSError:
            time.sleep(delay)
        delay = min(2 * delay, 30)


send([{"level": "info", "message": "hello from Python"}])
