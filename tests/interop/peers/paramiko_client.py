#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A client on paramiko, for the tests: see usage. Exits as the command does, 255 if it cannot."""

import getopt
import logging
import os
import select
import sys
import threading

import paramiko

USAGE = """usage: paramiko_client.py -p PORT -H KNOWN_HOSTS [-i KEY] [-w PASSWORD] [-x KEX] [-c CIPHERS]
       [-r BYTES] [-n CHANNELS] [-z] [-v] USER ADDRESS COMMAND
  -r  exchange keys anew after so many bytes in either direction
  -n  run the command on so many channels at once, its input and output being those of the first
  -z  compress"""

CHUNK = 32768


def pump_input(channel):
    while True:
        data = os.read(0, CHUNK)
        if not data:
            break
        channel.sendall(data)
    channel.shutdown_write()


def forward(channel):
    """Both streams to ours, until both have ended."""
    while True:
        select.select([channel], [], [], 1)
        while channel.recv_ready():
            os.write(1, channel.recv(CHUNK))
        while channel.recv_stderr_ready():
            os.write(2, channel.recv_stderr(CHUNK))
        if channel.eof_received and not channel.recv_ready() and not channel.recv_stderr_ready():
            return


def log_in(transport, user, options):
    if "-w" in options:
        transport.auth_password(user, options["-w"], fallback=False)
        return
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey, paramiko.DSSKey):
        try:
            key = kind.from_private_key_file(options["-i"])
            break
        except (paramiko.SSHException, ValueError):
            continue
    transport.auth_publickey(user, key)


def connect(address, options):
    transport = paramiko.Transport((address, int(options["-p"])))
    security = transport.get_security_options()
    security.key_types = [t for t in paramiko.Transport._preferred_keys]
    if "-x" in options:
        security.kex = options["-x"].split(",")
    if "-c" in options:
        security.ciphers = options["-c"].split(",")
    transport.use_compression("-z" in options)
    if "-r" in options:
        transport.packetizer.REKEY_BYTES = int(options["-r"])
    transport.start_client(timeout=30)
    if "-v" in options:
        print("cipher", transport.remote_cipher, "mac", transport.remote_mac, file=sys.stderr)
    known = paramiko.HostKeys(options["-H"])
    key = transport.get_remote_server_key()
    if not known.check("[%s]:%s" % (address, options["-p"]), key):
        raise paramiko.SSHException("host key refused")
    return transport


def others(transport, command, count):
    channels = [transport.open_session() for _ in range(count)]
    for number, channel in enumerate(channels):
        channel.exec_command(command)
        channel.sendall(b"%d" % number)
    for number, channel in reversed(list(enumerate(channels))):
        channel.shutdown_write()
        said = b"".join(iter(lambda: channel.recv(CHUNK), b""))
        if said != b"%d" % number:
            raise paramiko.SSHException("channel %d says %r" % (number, said))


def main():
    options, words = getopt.getopt(sys.argv[1:], "p:H:i:w:x:c:r:n:zv")
    options = dict(options)
    user, address, command = words
    transport = connect(address, options)
    log_in(transport, user, options)
    channel = transport.open_session()
    others(transport, command, int(options.get("-n", 1)) - 1)
    channel.exec_command(command)
    threading.Thread(target=pump_input, args=(channel,), daemon=True).start()
    forward(channel)
    status = channel.recv_exit_status()
    transport.close()
    return status


if __name__ == "__main__":
    if "-v" in sys.argv:
        logging.basicConfig(level=logging.DEBUG)
    else:
        logging.basicConfig(level=logging.CRITICAL)
    try:
        sys.stdout.flush()
        os._exit(main())
    except (getopt.GetoptError, IndexError):
        print(USAGE, file=sys.stderr)
        os._exit(254)
    except Exception as error:
        print("paramiko_client:", error.__class__.__name__, error, file=sys.stderr)
        os._exit(255)
