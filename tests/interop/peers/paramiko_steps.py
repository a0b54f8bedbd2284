#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A client on paramiko, for the tests: logs in by several steps, or reads one channel before another."""

import socket
import sys

import paramiko

USAGE = """usage: paramiko_steps.py ADDRESS PORT USER KEY steps|channels
  steps     a key, a password and prompts; then runs `greet`
  channels  runs `flood` twice, and reads the second to its end before the first"""


def prompts(title, instructions, fields):
    answers = {"Name: ": "Robert", "Colour: ": "blue"}
    return [answers[text] for text, echo in fields]


def by_steps(transport, user, key):
    left = transport.auth_publickey(user, key)
    print("after the key:", ",".join(left))
    left = transport.auth_password(user, "open sesame")
    print("after the password:", ",".join(left))
    left = transport.auth_interactive(user, prompts)
    print("after the prompts:", ",".join(left))
    channel = transport.open_session()
    channel.exec_command("greet")
    print(channel.makefile().read().decode(), end="")
    print("status", channel.recv_exit_status())


def count(channel):
    total = 0
    while True:
        data = channel.recv(65536)
        if not data:
            return total
        total += len(data)


def by_channels(transport, user, key):
    transport.auth_publickey(user, key)
    first, second = transport.open_session(), transport.open_session()
    first.exec_command("flood")
    second.exec_command("flood")
    print("second", count(second))
    print("first", count(first))


def main():
    if len(sys.argv) != 6 or sys.argv[5] not in ("steps", "channels"):
        sys.exit(USAGE)
    address, port, user, path, what = sys.argv[1:]
    transport = paramiko.Transport(socket.create_connection((address, int(port))))
    transport.start_client(timeout=60)
    key = paramiko.Ed25519Key.from_private_key_file(path)
    (by_steps if what == "steps" else by_channels)(transport, user, key)
    transport.close()


main()
