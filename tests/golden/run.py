#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The kept lines of the project's own captures: run.py [--update] [NAME...]

Without --update it shows what would change; with it the *.jsonl next to this file are written anew,
to be looked at (git diff) before they are committed.
"""
import difflib
import os
import sys
import tempfile

import compare
import test_golden as golden


def main(arguments):
    update = "--update" in arguments
    wanted = [a for a in arguments if a != "--update"]
    if any(a.startswith("-") for a in wanted):
        sys.exit(__doc__)
    if not compare.binary():
        sys.exit("build/nameflow is not built; build it or name it in NAMEFLOW_BIN")
    changed = 0
    with tempfile.TemporaryDirectory() as folder:
        for file in golden.OWN:
            if wanted and file.split(".")[0] not in wanted:
                continue
            got = compare.read(golden.make.write(folder, file), golden.ports_of(file))
            path = golden.golden_path(file)
            kept = open(path, encoding="utf-8").read().splitlines() if os.path.exists(path) else []
            if got == kept and os.path.exists(path):
                continue
            changed += 1
            print("\n".join(difflib.unified_diff(kept, got, file + " kept", file + " now", lineterm="", n=0)))
            if update:
                with open(path, "w", encoding="utf-8") as out:
                    out.write("".join(line + "\n" for line in got))
    print(f"{changed} of {len(wanted) or len(golden.OWN)} differ" + (", written" if update and changed else ""))
    return 1 if changed and not update else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
