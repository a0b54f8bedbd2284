#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What paramiko carries with blocking calls, for tests/bench/bench_sock.c: prints MB/s, MB per second
of its work, and MB per second of what of that is not the system's."""

import os
import socket
import sys
import time

import paramiko

CHUNK = 65536


def download(channel, total):
    channel.exec_command("head -c %d /dev/zero" % total)
    got = 0
    while True:
        data = channel.recv(CHUNK)
        if not data:
            break
        got += len(data)
    assert got == total


def upload(channel, total):
    channel.exec_command("cat >/dev/null")
    block = b"\0" * CHUNK
    for _ in range(total // CHUNK):
        channel.sendall(block)
    channel.shutdown_write()
    channel.recv_exit_status()


def main():
    address, port, user, key, cipher, direction, mib = sys.argv[1:]
    transport = paramiko.Transport(socket.create_connection((address, int(port))))
    if cipher != "default":
        transport.get_security_options().ciphers = (cipher,)
    transport.start_client(timeout=60)
    transport.auth_publickey(user, paramiko.Ed25519Key.from_private_key_file(key))
    total = int(mib) << 20
    channel = transport.open_session()
    began, worked, owned = time.monotonic(), time.process_time(), os.times().user
    (download if direction == "down" else upload)(channel, total)
    seconds, work = time.monotonic() - began, time.process_time() - worked
    own = os.times().user - owned
    print("%.1f %.1f %.1f" % (total / 1e6 / seconds, total / 1e6 / work, total / 1e6 / own))
    transport.close()


main()
