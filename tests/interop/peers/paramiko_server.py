#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server on paramiko, for the tests: runs commands for one user. See usage."""

import getopt
import logging
import os
import socket
import subprocess
import sys
import threading

import paramiko

USAGE = """usage: paramiko_server.py -a ADDRESS -p PORT | -i -h HOST_KEY... [-k AUTHORIZED_KEYS] [-w PASSWORD]
       [-r BYTES] [-m MODULI]
  -i  one connection, the socket that is standard input
  -m  groups for the group exchange, in place of /etc/ssh/moduli
  -r  exchange keys anew after so many bytes in either direction"""

CHUNK = 32768


class Server(paramiko.ServerInterface):
    def __init__(self, keys, password):
        self.keys = keys
        self.password = password

    def get_allowed_auths(self, username):
        return "password,publickey"

    def check_auth_password(self, username, password):
        right = self.password is not None and password == self.password
        return paramiko.AUTH_SUCCESSFUL if right else paramiko.AUTH_FAILED

    def check_auth_publickey(self, username, key):
        known = key.get_base64() in self.keys
        return paramiko.AUTH_SUCCESSFUL if known else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        if kind == "session":
            return paramiko.OPEN_SUCCEEDED
        return paramiko.OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_direct_tcpip_request(self, chanid, origin, destination):
        return paramiko.OPEN_FAILED_CONNECT_FAILED

    def check_channel_exec_request(self, channel, command):
        threading.Thread(target=run, args=(channel, command), daemon=True).start()
        return True


class Upper(paramiko.SubsystemHandler):
    """The subsystem "upper": what it is sent, in capitals."""

    def start_subsystem(self, name, transport, channel):
        while True:
            data = channel.recv(CHUNK)
            if not data:
                break
            channel.sendall(data.upper())
        channel.send_exit_status(4)


def into(channel, pipe):
    try:
        while True:
            data = channel.recv(CHUNK)
            if not data:
                break
            pipe.write(data)
            pipe.flush()
        pipe.close()
    except OSError:
        pass


def out_of(pipe, send):
    try:
        while True:
            data = os.read(pipe.fileno(), CHUNK)
            if not data:
                break
            send(data)
    except OSError:
        pass


def run(channel, command):
    child = subprocess.Popen(
        ["/bin/sh", "-c", command],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    threading.Thread(target=into, args=(channel, child.stdin), daemon=True).start()
    errors = threading.Thread(target=out_of, args=(child.stderr, channel.sendall_stderr))
    errors.start()
    out_of(child.stdout, channel.sendall)
    errors.join()
    channel.send_exit_status(child.wait() & 255)
    channel.shutdown_write()
    channel.close()


def read_key(path):
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey, paramiko.DSSKey):
        try:
            return kind.from_private_key_file(path)
        except (paramiko.SSHException, ValueError):
            continue
    raise SystemExit("no key in " + path)


def serve(connection, host_keys, server, rekey):
    try:
        transport = paramiko.Transport(connection)
        for key in host_keys:
            transport.add_server_key(key)
        if rekey is not None:
            transport.packetizer.REKEY_BYTES = rekey
        if "PEER_CIPHERS" in os.environ:
            transport.get_security_options().ciphers = os.environ["PEER_CIPHERS"].split(",")
        transport.set_subsystem_handler("upper", Upper)
        transport.set_log_channel("paramiko")
        transport.start_server(server=server)
        channels = []  # one that nobody holds is closed
        while transport.is_active():
            channels.append(transport.accept(1))
    except Exception as error:
        print("paramiko_server:", error.__class__.__name__, error, file=sys.stderr, flush=True)


def main():
    pairs, words = getopt.getopt(sys.argv[1:], "ia:p:h:k:w:r:m:")
    options = dict(pairs)
    host_keys = [read_key(value) for name, value in pairs if name == "-h"]
    keys = set()
    if "-k" in options and os.path.exists(options["-k"]):
        with open(options["-k"]) as lines:
            keys = {line.split()[1] for line in lines if line.strip()}
    kind = Server
    if "PEER_CHAIN" in os.environ:
        from paramiko_chain import Chain as kind
    logging.basicConfig(level=logging.DEBUG)
    if not paramiko.Transport.load_server_moduli(options.get("-m")):
        raise SystemExit("no moduli")
    rekey = int(options["-r"]) if "-r" in options else None
    if "-i" in options:
        serve(socket.socket(fileno=0), host_keys, kind(keys, options.get("-w")), rekey)
        os._exit(0)
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((options["-a"], int(options["-p"])))
    listener.listen(50)
    print("Server listening on", options["-a"], "port", options["-p"], file=sys.stderr, flush=True)
    while True:
        connection, _ = listener.accept()
        server = kind(keys, options.get("-w"))
        threading.Thread(target=serve, args=(connection, host_keys, server, rekey), daemon=True).start()


if __name__ == "__main__":
    try:
        main()
    except (getopt.GetoptError, KeyError):
        sys.exit(USAGE)
