#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""paramiko_client.py that logs in by keyboard-interactive, with the lines of -w as its answers."""

import os

import paramiko_client


def log_in(transport, user, options):
    answers = options["-w"].split("\n")

    def handler(title, instructions, prompts):
        return [answers.pop(0) for _ in prompts]

    transport.auth_interactive(user, handler)


if __name__ == "__main__":
    paramiko_client.log_in = log_in
    try:
        os._exit(paramiko_client.main())
    except paramiko_client.paramiko.SSHException as error:
        print("paramiko_answers:", error.__class__.__name__, error, flush=True)
        os._exit(255)
