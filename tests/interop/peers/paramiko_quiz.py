#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server on paramiko, for the tests: wants a key, a password and the answers to two rounds of prompts."""

import socket
import sys
import threading

import paramiko

USAGE = "usage: paramiko_quiz.py ADDRESS PORT HOST_KEY AUTHORIZED_KEYS"


class Server(paramiko.ServerInterface):
    def __init__(self, keys):
        self.keys = keys
        self.left = ["publickey", "password", "keyboard-interactive"]
        self.rounds = 0

    def get_allowed_auths(self, username):
        return ",".join(self.left)

    def passed(self, method):
        self.left.remove(method)
        return paramiko.AUTH_PARTIALLY_SUCCESSFUL if self.left else paramiko.AUTH_SUCCESSFUL

    def check_auth_publickey(self, username, key):
        known = "publickey" in self.left and key.get_base64() in self.keys
        return self.passed("publickey") if known else paramiko.AUTH_FAILED

    def check_auth_password(self, username, password):
        right = "password" in self.left and password == "open sesame"
        return self.passed("password") if right else paramiko.AUTH_FAILED

    def check_auth_interactive(self, username, submethods):
        return paramiko.InteractiveQuery("", "First", ("Name: ", True), ("Colour: ", False))

    def check_auth_interactive_response(self, responses):
        self.rounds += 1
        if self.rounds == 1 and responses == ["Robert", "blue"]:
            return paramiko.InteractiveQuery("", "", ("Sure? ", True))
        if self.rounds == 2 and responses == ["yes"]:
            return self.passed("keyboard-interactive")
        return paramiko.AUTH_FAILED


def main():
    if len(sys.argv) != 5:
        sys.exit(USAGE)
    address, port, host_key, authorized = sys.argv[1:]
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((address, int(port)))
    listening.listen()
    print("listening on %d" % listening.getsockname()[1], flush=True)
    connection, _ = listening.accept()
    transport = paramiko.Transport(connection)
    transport.add_server_key(paramiko.Ed25519Key.from_private_key_file(host_key))
    with open(authorized) as f:
        keys = [line.split()[1] for line in f if line.strip()]
    transport.start_server(server=Server(keys), event=threading.Event())
    transport.join(60)


main()
