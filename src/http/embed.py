#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts a JSON document, compact, into C: embed.py FILE.json OUT.c VERSION"""
import json
import sys

source, out, version = sys.argv[1:]
with open(source, encoding="utf-8") as f:
    document = json.load(f)
document["info"]["version"] = version
text = json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()
rows = [",".join(str(b) for b in text[i:i + 24]) for i in range(0, len(text), 24)]
with open(out, "w", encoding="ascii") as f:
    f.write('#include "http/openapi.h"\n\nconst char http_openapi[] = {\n'
            + ",\n".join(rows) + f"\n}};\nconst size_t http_openapi_len = {len(text)};\n")
