# SPDX-License-Identifier: MIT
"""A paramiko server that wants several methods, one after the other: $PEER_CHAIN, with commas."""

import os

import paramiko
from paramiko_server import Server


class Chain(Server):
    """The answer to the second of two prompts is 1234; to the first it is the password."""

    def __init__(self, keys, password):
        super().__init__(keys, password)
        self.left = os.environ["PEER_CHAIN"].split(",")
        self.key_is_good = False

    def get_allowed_auths(self, username):
        # A query about a key looks like a signature: only what follows tells them apart.
        if self.key_is_good and len(self.left) > 1:
            self.left.pop(0)
        self.key_is_good = False
        return self.left[0]

    def step(self, method, result):
        self.key_is_good = False
        if result != paramiko.AUTH_SUCCESSFUL or self.left[0] != method:
            return paramiko.AUTH_FAILED
        if len(self.left) == 1:
            return paramiko.AUTH_SUCCESSFUL
        if method == "publickey":
            self.key_is_good = True
        else:
            self.left.pop(0)
        return paramiko.AUTH_PARTIALLY_SUCCESSFUL

    def check_auth_password(self, username, password):
        return self.step("password", super().check_auth_password(username, password))

    def check_auth_publickey(self, username, key):
        return self.step("publickey", super().check_auth_publickey(username, key))

    def check_auth_interactive(self, username, submethods):
        if self.left[0] != "keyboard-interactive":
            return paramiko.AUTH_FAILED
        query = paramiko.InteractiveQuery("Title", "Two questions")
        query.add_prompt("Password: ", False)
        query.add_prompt("Code: ", True)
        return query

    def check_auth_interactive_response(self, responses):
        good = responses == [self.password, "1234"]
        result = paramiko.AUTH_SUCCESSFUL if good else paramiko.AUTH_FAILED
        return self.step("keyboard-interactive", result)
