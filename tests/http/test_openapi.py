# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document says what is served, no more and no less."""
import json
import os
import re
import subprocess

import jsonschema
import pytest

from server import PROGRAM

DOCUMENT = os.path.join(os.path.dirname(__file__), "../../docs/openapi.json")
FIELDS = os.path.join(os.path.dirname(__file__), "../../docs/fields.md")
TOP = {"by": "rcode", "metrics": "count,share,average,p50,p90,p99,max,min,error_share,unanswered_share,names"}


@pytest.fixture(scope="module")
def document():
    with open(DOCUMENT, encoding="utf-8") as f:
        return json.load(f)


@pytest.fixture(scope="module")
def routes():
    return json.loads(subprocess.run([PROGRAM, "--routes"], capture_output=True, check=True).stdout)


def resolve(document, node):
    while "$ref" in node:
        where = node["$ref"].removeprefix("#/").split("/")
        node = document
        for key in where:
            node = node[key]
    return node


def check(document, schema, value):
    jsonschema.Draft202012Validator({**schema, "components": document["components"]}).validate(value)


def test_served_is_what_the_file_says(document, server):
    got = server.get("/api/v1/openapi.json").json
    assert got["info"]["version"] != document["info"]["version"]
    got["info"]["version"] = document["info"]["version"]
    assert got == document


def operations(document):
    return [(path, method, operation) for path, methods in document["paths"].items()
            for method, operation in methods.items()]


def test_routes(document, routes):
    assert {(path, method) for path, method, _ in operations(document)} == {
        (route["path"], method) for route in routes for method in route["methods"]}
    opened = {route["path"] for route in routes if route["open"]}
    assert {path for path, _, o in operations(document) if o.get("security") == []} == opened


def test_parameters(document, routes):
    routes = {route["path"]: route for route in routes}
    for path, _, operation in operations(document):
        declared = [resolve(document, p) for p in operation.get("parameters", [])]
        assert {p["name"] for p in declared if p["in"] == "query"} == set(routes[path]["parameters"])
        assert {p["name"] for p in declared if p["in"] == "path"} == set(re.findall(r"{(\w+)}", path))
        for p in declared:
            if p["name"] == "limit":
                assert p["schema"]["default"] == routes[path]["limit_default"]
                assert p["schema"].get("maximum", 10000) == routes[path]["limit_max"]


def test_schemas_are_sound_and_references_lead_somewhere(document):
    for schema in document["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)

    def walk(node):
        if isinstance(node, dict):
            assert "$ref" not in node or resolve(document, node) is not None
            for child in node.values():
                walk(child)
        elif isinstance(node, list):
            for child in node:
                walk(child)
    walk(document)
    for _, _, operation in operations(document):
        for parameter in operation.get("parameters", []):
            parameter = resolve(document, parameter)
            if "example" in parameter:
                jsonschema.validate(parameter["example"], parameter["schema"])


def test_record_has_the_keys_of_the_documentation(document):
    with open(FIELDS, encoding="utf-8") as f:
        table = f.read().split("## Inside `edns`")[0]
    names = []
    for line in table.splitlines():
        if line.startswith("| `"):
            names += re.findall(r"`(\w+)`", line.split("|")[1])
    assert set(document["components"]["schemas"]["Record"]["properties"]) == {*names, "seq"}


@pytest.mark.parametrize("path,params", [
    ("/healthz", {}),
    ("/api/v1/status", {}),
    ("/api/v1/losses", {}),
    ("/api/v1/fields", {}),
    ("/api/v1/views", {}),
    ("/api/v1/transaction/7", {}),
    ("/api/v1/transactions", {"limit": "3"}),
    ("/api/v1/transactions", {"filter": "id=70000"}),
    ("/api/v1/top", TOP),
    ("/api/v1/top", {"by": "client,qtype", "limit": "2"}),
    ("/api/v1/top", {}),
    ("/api/v1/series", TOP),
    ("/api/v1/series", {"step": "1h"}),
    ("/api/v1/histogram", {}),
    ("/api/v1/histogram", {"filter": "id=70000"}),
    ("/api/v1/values", {"field": "rcode", "all": "true"}),
    ("/api/v1/values", {"field": "latency_us"}),
])
def test_answers(document, server, path, params):
    declared = document["paths"][re.sub(r"/\d+$", "/{seq}", path)]["get"]
    if any(p.get("$ref", "").endswith("/from") for p in declared.get("parameters", [])):
        params = {**server.range, **params}
    got = server.get(path, params)
    assert got.status == 200
    check(document, declared["responses"]["200"]["content"][got.type]["schema"], got.json)


def test_records_of_every_kind(document, own_server):
    server = own_server(1)
    connection = server.connection()
    connection.request("GET", "/api/v1/live")
    response = connection.getresponse()
    for kind in range(11):
        server.push(kind, 1)
    seen = 0
    while seen < 11:
        line = response.readline()
        if line.startswith(b"data: "):
            check(document, {"$ref": "#/components/schemas/Record"}, json.loads(line[6:]))
            seen += 1
    connection.close()


@pytest.mark.parametrize("path,status", [
    ("/api/v1/transactions?filter=quame%3Dx", "400"),
    ("/api/v1/top?by=x", "400"),
    ("/api/v1/live?x=1", "400"),
    ("/api/v1/status?x=1", "400"),
    ("/healthz?x=1", "400"),
    ("/api/v1/transaction/123456", "404"),
])
def test_problems(document, server, path, status):
    got = server.get(path)
    declared = document["paths"][re.sub(r"/\d+$", "/{seq}", path.split("?")[0])]["get"]
    assert str(got.status) == status
    response = resolve(document, declared["responses"][status])
    check(document, response["content"][got.type]["schema"], got.json)
