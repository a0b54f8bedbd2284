#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A client on paramiko, for the tests of sock as a server: tells what it is granted. See usage."""

import os
import sys
import threading
import time

import paramiko

USAGE = """usage: paramiko_calls.py PORT KEY WHAT
  requests   a terminal, variables, programs, other channels: what is granted and what not
  login      a wrong password, a stranger's key, the right password
  lines      lines with every kind of end, and how many come back
  echo N     sends N bytes and counts what comes back
  vanish     exits in the middle of a transfer
  offer LIST NAME...   a connection for each algorithm, with no other on that list"""

HOST = "127.0.0.1"


def connect(port, change=None):
    transport = paramiko.Transport((HOST, int(port)))
    security = transport.get_security_options()
    security.key_types = [t for t in paramiko.Transport._preferred_keys]
    if change is not None:
        setattr(security, *change)
    transport.start_client(timeout=60)
    return transport


def log_in(transport, path):
    transport.auth_publickey("robey", paramiko.Ed25519Key.from_private_key_file(path))


def attempt(what, call):
    try:
        call()
        print(what, "yes", flush=True)
    except paramiko.ChannelException as error:
        print(what, error.code, error.text, flush=True)
    except paramiko.SSHException as error:
        print(what, type(error).__name__, flush=True)


def requests(transport):
    channel = transport.open_session()
    attempt("pty", lambda: channel.get_pty("vt220", 100, 30))
    attempt("LANG", lambda: channel.set_environment_variable("LANG", "C"))
    # It does not wait for what becomes of this one, but does not go on before it has been sent.
    attempt("shell", channel.invoke_shell)
    channel.resize_pty(132, 50)
    channel.sendall(b"x")
    print("terminal", channel.makefile().read().decode(), channel.recv_exit_status(), flush=True)
    for name in "time", "space":
        channel = transport.open_session()
        attempt("subsystem " + name, lambda: channel.invoke_subsystem(name))
    channel = transport.open_session()
    attempt("exec", lambda: channel.exec_command("forbidden"))
    attempt("pearl", lambda: transport.open_channel("pearl@example.com"))
    here = (HOST, 40000)
    attempt("ruby", lambda: transport.open_channel("direct-tcpip", ("ruby.example", 80), here))
    channel = transport.open_channel("direct-tcpip", ("pearl.example", 80), here)
    channel.sendall(b"Hello")
    print("pearl", channel.recv(5).decode(), flush=True)
    channel.close()


def login(transport, path):
    attempt("wrong", lambda: transport.auth_password("robey", "let me in", fallback=False))
    print(transport.get_banner().decode().strip(), flush=True)
    stranger = paramiko.RSAKey.generate(2048)
    attempt("stranger", lambda: transport.auth_publickey("robey", stranger))
    attempt("nobody", lambda: transport.auth_none("robey"))
    attempt("right", lambda: transport.auth_password("robey", "open sesame", fallback=False))


def lines(transport):
    channel = transport.open_session()
    channel.exec_command("lines")
    for part in b"one\r", b"\ntwo\rthree\n", b"four":
        channel.sendall(part)
        time.sleep(0.05)
    channel.shutdown_write()
    print(channel.makefile().read().decode(), end="")
    print(channel.makefile_stderr().read().decode(), end="", flush=True)


def fill(channel, total):
    block = bytes(range(256)) * 64
    for at in range(0, total, len(block)):
        channel.sendall(block[: total - at])
    channel.shutdown_write()


def echo(transport, total):
    channel = transport.open_session()
    channel.exec_command("echo")
    threading.Thread(target=fill, args=(channel, total), daemon=True).start()
    got = 0
    while True:
        data = channel.recv(65536)
        if not data:
            break
        for i in 0, len(data) - 1:
            assert data[i] == (got + i) % 256, "at %d" % (got + i)
        got += len(data)
    print("got", got, "status", channel.recv_exit_status(), flush=True)


def vanish(transport):
    channel = transport.open_session()
    channel.exec_command("flood")
    channel.recv(100000)
    os._exit(5)


def offer(port, path, kind, names):
    for name in names:
        transport = connect(port, (kind, (name,)))
        log_in(transport, path)
        channel = transport.open_session()
        channel.exec_command("echo")
        channel.sendall(b"Hello")
        said = channel.recv(5)
        print(name, said.decode(), channel.recv_exit_status(), flush=True)
        transport.close()


def main():
    if len(sys.argv) < 4:
        sys.exit(USAGE)
    port, path, what = sys.argv[1:4]
    if what == "offer":
        return offer(port, path, sys.argv[4], sys.argv[5:])
    transport = connect(port)
    if what == "login":
        login(transport, path)
    else:
        log_in(transport, path)
        words = [int(word) for word in sys.argv[4:]]
        {"requests": requests, "lines": lines, "echo": echo, "vanish": vanish}[what](transport, *words)
    transport.close()


main()
