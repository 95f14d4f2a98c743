# SPDX-License-Identifier: Apache-2.0
"""Real DNS servers with one small zone, each configured in a folder of its own.

example.test holds: www (A and AAAA), NAME.many (any name, A), big (TXT of about 3 kB), nothing at
nx; names under broken fail as BROKEN_RCODE says.
"""

import os
import subprocess
import sys
from pathlib import Path

from lab import stop, wait_until

ZONE = "example.test"
# Where knot answers too, for tests of totals: they see the whole machine, whose other DNS traffic,
# another run of these tests included, is not on this port.
OWN_PORT = 20000 + os.getpid() % 10000
BIG = [chr(ord("a") + i) * 250 for i in range(12)]

ZONE_FILE = f"""$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 60
@ NS ns
ns A 192.0.2.53
www A 192.0.2.1
www AAAA 2001:db8::1
*.many A 192.0.2.7
""" + "".join(f'big TXT "{text}"\n' for text in BIG)


def _unbound(folder, addresses):
    local = [f"www.{ZONE}. 300 A 192.0.2.1", f"www.{ZONE}. 300 AAAA 2001:db8::1",
             f"many.{ZONE}. 300 A 192.0.2.7",
             f"{ZONE}. 300 SOA ns.{ZONE}. hostmaster.{ZONE}. 1 3600 600 86400 60"]
    local += [f'big.{ZONE}. 300 TXT "{text}"' for text in BIG]
    lines = ["server:", f'  directory: "{folder}"', '  chroot: ""', '  username: ""',
             '  pidfile: ""', "  use-syslog: no", f'  logfile: "{folder}/log"',
             "  num-threads: 1", "  access-control: 0.0.0.0/0 allow",
             "  access-control: ::/0 allow", "  do-not-query-localhost: no",
             "  incoming-num-tcp: 64", "  max-udp-size: 4096", "  module-config: iterator",
             f'  local-zone: "{ZONE}." static', f'  local-zone: "many.{ZONE}." redirect',
             f'  local-zone: "broken.{ZONE}." transparent']
    lines += [f"  interface: {a}" for a in addresses]
    lines += [f"  local-data: '{data}'" for data in local]
    # There is no route to it, so that unbound answers SERVFAIL at once.
    lines += ["forward-zone:", f'  name: "broken.{ZONE}."', "  forward-addr: 203.0.113.1",
              "remote-control:", "  control-enable: no"]
    (folder / "unbound.conf").write_text("\n".join(lines) + "\n", encoding="ascii")
    return ["unbound", "-d", "-c", folder / "unbound.conf"]


def _knot(folder, addresses):
    (folder / "zone").write_text(ZONE_FILE, encoding="ascii")
    listen = ", ".join(f"{a}@{port}" for a in addresses for port in (53, OWN_PORT))
    (folder / "knot.conf").write_text(f"""
server:
    rundir: {folder}
    listen: [{listen}]
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
    udp-max-payload: 4096
database:
    storage: {folder}
log:
  - target: {folder}/log
    any: info
zone:
  - domain: {ZONE}
    file: {folder}/zone
    zonefile-load: whole
    journal-content: none
  - domain: broken.{ZONE}
    file: {folder}/missing
""", encoding="ascii")
    return ["knotd", "-c", folder / "knot.conf"]


def _bind9(folder, addresses):
    (folder / "zone").write_text(ZONE_FILE, encoding="ascii")
    v4 = " ".join(f"{a};" for a in addresses if ":" not in a)
    v6 = " ".join(f"{a};" for a in addresses if ":" in a)
    (folder / "named.conf").write_text(f"""
options {{
    directory "{folder}";
    pid-file none;
    session-keyfile none;
    listen-on {{ {v4} }};
    listen-on-v6 {{ {v6} }};
    recursion no;
    dnssec-validation no;
    max-udp-size 4096;
    nocookie-udp-size 4096;
    allow-query {{ any; }};
}};
controls {{ }};
zone "{ZONE}" {{ type primary; file "{folder}/zone"; }};
zone "broken.{ZONE}" {{ type primary; file "{folder}/missing"; }};
""", encoding="ascii")
    return ["named", "-f", "-n", "1", "-L", folder / "log", "-c", folder / "named.conf"]


def _dnsmasq(folder, addresses):
    lines = ["no-resolv", "no-hosts", "bind-interfaces", "user=root", "pid-file=",
             f"log-facility={folder}/log", "edns-packet-max=4096", f"local=/{ZONE}/",
             f"host-record=www.{ZONE},192.0.2.1,2001:db8::1",
             f"address=/many.{ZONE}/192.0.2.7", f"server=/broken.{ZONE}/203.0.113.1",
             "dns-forward-max=1000"]
    lines += [f"listen-address={a}" for a in addresses]
    lines += [f"txt-record=big.{ZONE},{text}" for text in BIG]
    (folder / "dnsmasq.conf").write_text("\n".join(lines) + "\n", encoding="ascii")
    return ["dnsmasq", "--keep-in-foreground", f"--conf-file={folder}/dnsmasq.conf"]


MAKERS = {"unbound": _unbound, "knot": _knot, "bind9": _bind9, "dnsmasq": _dnsmasq}
BROKEN_RCODE = {"unbound": "SERVFAIL", "knot": "SERVFAIL", "bind9": "SERVFAIL",
                "dnsmasq": "REFUSED"}
COMMS = {"unbound": "unbound", "knot": "knotd", "bind9": "named", "dnsmasq": "dnsmasq"}


class Server:
    """A running server in a namespace. Use as a context manager."""

    def __init__(self, kind, namespace, addresses, folder):
        self.kind = kind
        self.addresses = list(addresses)
        self.comm = COMMS[kind]
        self._namespace = namespace
        self._log = folder / "log"
        self._output = open(folder / "output", "w", encoding="utf-8")
        args = MAKERS[kind](folder, self.addresses)
        self.process = namespace.popen(*args, stdout=self._output, stderr=self._output)
        try:
            for address in self.addresses:
                wait_until(lambda a=address: self._answers(a), what=f"{kind} on {address}")
        except TimeoutError as late:
            self.stop()
            raise RuntimeError(f"{late}\n{self.log()}") from late

    def _answers(self, address):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.kind} ended with {self.process.returncode}\n{self.log()}")
        args = self._namespace.wrap(["dig", "+time=1", "+tries=1", "+short", f"@{address}",
                                     f"www.{ZONE}", "A"])
        return "192.0.2.1" in subprocess.run(args, capture_output=True, text=True, check=False,
                                             stdin=subprocess.DEVNULL).stdout

    @property
    def pid(self):
        return self.process.pid

    def log(self):
        self._output.flush()
        return "".join(p.read_text(encoding="utf-8", errors="replace")
                       for p in (Path(self._output.name), self._log) if p.exists())

    def stop(self):
        stop(self.process)
        self._output.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Responder:
    """responder.py in a namespace: a server that is slow or silent on request."""

    def __init__(self, namespace, address):
        self.address = address
        script = Path(__file__).with_name("responder.py")
        self.process = namespace.popen(sys.executable, "-B", script, address,
                                       stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "ready\n":
            raise RuntimeError("responder.py did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        stop(self.process)
        self.process.stdout.close()
