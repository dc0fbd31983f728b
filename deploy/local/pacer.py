"""Runs noida-db behind a door that answers as Kafka does.

usage: pacer.py PROGRAM DATA KAFKA_PORT ELASTICSEARCH_PORT (0: that protocol is not spoken)

noida-db answers a fetch at once although there is nothing new, so that every consumer asks without end and keeps a core
busy. Kafka holds such a fetch for a while. This listens on 127.0.0.1, lets noida-db listen on the same ports of 127.0.0.2,
and passes everything on as it is, but for two things: an empty answer to a fetch is held for a moment, and the address in
answers that name the broker is ours (of the same length, so nothing else changes).
"""

import asyncio
import ctypes
import signal
import struct
import subprocess
import sys

OURS, THEIRS = "127.0.0.1", "127.0.0.2"
FETCH, METADATA, FIND_COORDINATOR = 1, 3, 10
# Long enough for next to no load, short enough for eyes. Consumers ask for half a second.
HOLD_SECONDS = 0.1


def is_empty_fetch(body, version):
    """Whether an answer to a fetch brings no record and no error; versions 4 to 11, which all clients here speak."""
    if not 4 <= version <= 11:
        return False
    at = 4  # throttle time
    if version >= 7:
        if body[at:at + 2] != b"\0\0":
            return False
        at += 6  # error, session
    (topics,) = struct.unpack_from(">i", body, at)
    at += 4
    for _ in range(max(topics, 0)):
        (name,) = struct.unpack_from(">h", body, at)
        at += 2 + name
        (partitions,) = struct.unpack_from(">i", body, at)
        at += 4
        for _ in range(max(partitions, 0)):
            (error,) = struct.unpack_from(">h", body, at + 4)
            at += 4 + 2 + 8 + 8 + (8 if version >= 5 else 0)
            (aborted,) = struct.unpack_from(">i", body, at)
            at += 4 + 16 * max(aborted, 0) + (4 if version >= 11 else 0)
            (records,) = struct.unpack_from(">i", body, at)
            at += 4
            if error or records > 0:
                return False
    return True


async def frame(reader):
    head = await reader.readexactly(4)
    return head + await reader.readexactly(struct.unpack(">i", head)[0])


async def requests(client, server, asked):
    while True:
        data = await frame(client)
        key, version, correlation = struct.unpack_from(">hhi", data, 4)
        asked[correlation] = (key, version)
        server.write(data)
        await server.drain()


async def answers(server, client, asked):
    while True:
        data = await frame(server)
        (correlation,) = struct.unpack_from(">i", data, 4)
        key, version = asked.pop(correlation, (None, 0))
        if key == FETCH and len(data) < 1 << 16:
            try:
                if is_empty_fetch(data[8:], version):
                    await asyncio.sleep(HOLD_SECONDS)
            except struct.error:
                pass  # not as we know it: passed on as it is
        elif key in (METADATA, FIND_COORDINATOR):
            data = data.replace(THEIRS.encode(), OURS.encode())
        client.write(data)
        await client.drain()


async def bytes_of(reader, writer):
    while data := await reader.read(1 << 18):
        writer.write(data)
        await writer.drain()


def door(port, speaks_kafka):
    async def serve(client_reader, client_writer):
        try:
            server_reader, server_writer = await asyncio.open_connection(THEIRS, port, limit=1 << 20)
        except OSError:
            client_writer.close()
            return
        asked = {}
        ways = (
            [requests(client_reader, server_writer, asked), answers(server_reader, client_writer, asked)] if speaks_kafka
            else [bytes_of(client_reader, server_writer), bytes_of(server_reader, client_writer)])
        tasks = [asyncio.ensure_future(way) for way in ways]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for writer in (client_writer, server_writer):
            writer.close()

    return asyncio.start_server(serve, OURS, port, limit=1 << 20)


async def main(program, data, kafka, elasticsearch):
    ports = {name: int(port) for name, port in (("kafka", kafka), ("elasticsearch", elasticsearch)) if int(port)}
    argv = [program, "start", "--host", THEIRS, "--data-dir", data, "--only", ",".join(ports)]
    argv += [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
    libc = ctypes.CDLL(None)
    # Ends with us, however we end.
    child = subprocess.Popen(argv, preexec_fn=lambda: libc.prctl(1, signal.SIGTERM), process_group=0)
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    doors = [await door(port, name == "kafka") for name, port in ports.items()]
    while not over.is_set() and child.poll() is None:
        try:
            await asyncio.wait_for(over.wait(), 0.5)
        except asyncio.TimeoutError:
            pass
    for each in doors:
        each.close()
    if child.poll() is None:
        child.terminate()
    return child.wait(25)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
