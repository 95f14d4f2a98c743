#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the project's own captures, one per feature: make.py FOLDER [NAME...]

They are data of the tests and made when these run; the same call gives the same bytes.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import messages  # noqa: E402,F401
import network  # noqa: E402

CAPTURES = network.CAPTURES


def write(folder, name):
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(CAPTURES[name]().bytes())
    return path


def main(folder, names):
    os.makedirs(folder, exist_ok=True)
    for name in names or CAPTURES:
        write(folder, name)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2:])
