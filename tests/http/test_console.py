# SPDX-License-Identifier: Apache-2.0
"""The files of the web console, and the views that it saves."""
import gzip
import json
import os
import re
import stat
import urllib.parse

import pytest


def page(server, **headers):
    answer = server.get("/", headers=headers, tcp=True)
    if answer.status in (401, 404):  # nothing is there, which only those with a token are told
        pytest.skip("built without the console")
    return answer


# ---- files ----

def test_the_page_needs_no_token_and_allows_nothing_inline(server):
    answer = page(server)
    assert (answer.status, answer.type) == (200, "text/html")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert page(server, **{"If-None-Match": answer.headers["ETag"]}).status == 304
    packed = page(server, **{"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.body) == answer.body


def test_what_the_page_loads_is_there_for_good(server):
    names = re.findall(r'(?:src|href)="\./([^"]+)"', page(server).body.decode())
    assert any(n.endswith(".js") for n in names) and any(n.endswith(".css") for n in names)
    for name in names:
        answer = server.get("/" + name, tcp=True)
        assert answer.status == 200
        assert ("immutable" in answer.headers["Cache-Control"]) == name.startswith("assets/")


@pytest.mark.parametrize("path", ["/index.html", "/assets/", "/assets/../token", "/..%2ftoken", "//", "/assets/x.js"])
def test_nothing_else_is_served(server, path):
    assert server.get(path).status == 404
    assert server.get(path, tcp=True).status == 401


# ---- views ----

def view(server, method, name, query=None, **more):
    body = None if query is None else json.dumps({"query": query})
    return server.get("/api/v1/views/" + urllib.parse.quote(name, safe=""), method=method, body=body, **more)


def views(server):
    return {v["name"]: v["query"] for v in server.get("/api/v1/views").json["views"]}


def test_views_are_kept(own_server):
    server = own_server(1)
    assert views(server) == {}
    name = 'Ü "1" / <b>?'
    assert view(server, "PUT", name, "?view=traffic").status == 200
    assert view(server, "PUT", "other", "").status == 200
    assert view(server, "PUT", name, "?view=topology").json == {"name": name}
    assert views(server) == {name: "?view=topology", "other": ""}
    file = os.path.join(server.folder, "views.json")
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert view(server, "DELETE", "other").status == 200
    assert view(server, "DELETE", "other").status == 404
    assert views(server) == {name: "?view=topology"}


def test_views_need_the_token(own_server):
    server = own_server(1)
    assert view(server, "PUT", "x", "?a", tcp=True).status == 401
    assert view(server, "PUT", "x", "?a", tcp=True, headers=server.bearer("x" * 43)).status == 401
    assert view(server, "PUT", "x", "?a", tcp=True, headers=server.bearer()).status == 200
    assert view(server, "DELETE", "x", tcp=True).status == 401
    assert views(server) == {"x": "?a"}


def test_what_is_no_view(own_server):
    server = own_server(1)
    assert view(server, "PUT", "x", "javascript:alert(1)").status == 400
    assert view(server, "PUT", "x", "?" + "a" * 8192).status == 400
    assert view(server, "PUT", "x", "?" + "a" * 20_000).status == 413
    assert view(server, "PUT", "x").status == 400
    assert view(server, "PUT", "n" * 300, "?a").status == 400
    assert view(server, "DELETE", "x", "?a").status == 413
    for method in ("GET", "POST", "PATCH"):
        answer = view(server, method, "x")
        assert (answer.status, answer.headers["Allow"]) == (405, "PUT, DELETE")
    assert server.get("/api/v1/views", method="PUT").status == 405
    for i in range(100):
        assert view(server, "PUT", str(i), "?a").status == 200
    assert view(server, "PUT", "one more", "?a").status == 400
    assert len(views(server)) == 100
