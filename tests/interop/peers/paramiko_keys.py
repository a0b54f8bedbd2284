#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Private keys with the passphrase "open sesame": makes some in a folder, and reads others from there."""

import sys

import paramiko

PASSPHRASE = "open sesame"


def is_refused(kind, path, passphrase):
    try:
        kind.from_private_key_file(path, passphrase)
    except paramiko.SSHException:
        return True
    return False


def main():
    folder = sys.argv[1]
    paramiko.RSAKey.generate(2048).write_private_key_file(folder + "/made_rsa", PASSPHRASE)
    paramiko.ECDSAKey.generate().write_private_key_file(folder + "/made_ecdsa", PASSPHRASE)
    for name, kind in (
        ("ed25519", paramiko.Ed25519Key),
        ("ecdsa", paramiko.ECDSAKey),
        ("rsa", paramiko.RSAKey),
    ):
        path = folder + "/ours_" + name
        kind.from_private_key_file(path, PASSPHRASE)
        assert is_refused(kind, path, "sesame open") and is_refused(kind, path, None), name


main()
