# SPDX-License-Identifier: Apache-2.0
"""What was measured, next to what was wanted."""

DNS_EXTRA_NS = 200
OTHER_EXTRA_NS = 25
JSON_USER_S = 1.0
QUIET_USER_S = 0.5
READ_PACKETS_PER_S = 2.5e6
MEMORY_MIB = 40


def number(value, digits=0):
    if value is None:
        return "-"
    return f"{value:,.{digits}f}".replace(",", " ")


def median(values):
    return values["median"] if values else None


def span(values, digits=0, scale=1):
    if not values:
        return "-"
    if values["runs"] == 1:
        return "one run"
    return f"{number(values['min'] * scale, digits)} - {number(values['max'] * scale, digits)}"


class Lines:
    """Rows of: what, measured, from - to, goal, verdict."""

    def __init__(self):
        self.rows = []

    def add(self, what, value, spread="", goal="", good=None):
        verdict = "" if good is None else "met" if good else "MISSED"
        self.rows.append((what, value, spread, goal, verdict))

    def print(self):
        heads = ("", "median", "min - max", "goal", "")
        widths = [max(len(r[i]) for r in [heads, *self.rows]) for i in range(5)]
        for row in [heads, *self.rows]:
            print("  " + "  ".join(
                cell.ljust(width) if i in (0, 3, 4) else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths))).rstrip())


def at_most(value, limit):
    return None if value is None else value <= limit


def kernel(data):
    print("\nIn the kernel, ns per packet and hook\n")
    lines = Lines()
    for what, limit in (("other packet", OTHER_EXTRA_NS), ("DNS query", DNS_EXTRA_NS),
                        ("DNS response", DNS_EXTRA_NS)):
        cost = data["at_rest"][what]
        for hook in ("queue", "receive"):
            extra = cost[hook] - cost[f"{hook}_empty"]
            lines.add(f"{what}, {'net_dev_queue' if hook == 'queue' else 'netif_receive_skb'}",
                      f"{cost[hook]} = {cost[f'{hook}_empty']} + {extra}", "",
                      f"<= empty + {limit}", extra <= limit)
    loads = {"dns": ("DNS packet, dnsperf at full speed", DNS_EXTRA_NS),
             "dns_fresh_ports": ("DNS packet, 20 000/s, fresh ports", DNS_EXTRA_NS),
             "other": ("other packet, as fast as it goes", OTHER_EXTRA_NS)}
    for key, (what, limit) in loads.items():
        cost = data["under_load"].get(key)
        if not cost or not cost["extra"]:
            continue
        extra = median(cost["extra"])
        lines.add(what, f"{number(median(cost['packet']))} = {number(median(cost['empty']))} + "
                  f"{number(extra)}", "+ " + span(cost["extra"]), f"<= empty + {limit}", extra <= limit)
        if cost["owner"]:
            lines.add("  who asked: a run of its programs", number(median(cost["owner"])),
                      span(cost["owner"]))
    lines.print()


def processor(rates, bounded):
    print("\nIn user space, CPU seconds per million transactions\n")
    lines = Lines()
    for key, goal in (("nameflow", JSON_USER_S), ("nameflow_quiet", QUIET_USER_S)):
        result = rates[key]
        user = result["user_s_per_million"]
        lines.add(f"{result['label']}, user", number(median(user), 2), span(user, 2), f"<= {goal}",
                  at_most(median(user), goal))
        both = result["cpu_s_per_million"]
        lines.add(f"{result['label']}, user + system", number(median(both), 2), span(both, 2))
    for result in bounded:
        if result["key"] == "nameflow":
            user, both = result["user_s_per_million"], result["cpu_s_per_million"]
            lines.add(f"  --json at {result['target']}/s, {result['ports']} ports: user (and system)",
                      f"{number(median(user), 2)} ({number(median(both), 2)})")
    lines.print()


def table(heads, rows):
    widths = [max(len(r[i]) for r in [heads, *rows]) for i in range(len(heads))]
    for row in [heads, *rows]:
        print("  " + "  ".join(cell.ljust(w) if i == 0 else cell.rjust(w)
                               for i, (cell, w) in enumerate(zip(row, widths))).rstrip())


def percent(value):
    return "-" if value is None else f"{value * 100:.2f} %"


def rates(data):
    print("\ndnsperf at full speed\n")
    rows = []
    for result in data.values():
        rows.append((result["label"], number(median(result["rate"])), span(result["rate"]),
                     number(median(result["against_alone"]), 3), span(result["against_alone"], 3),
                     number(median(result["cpu_s_per_million"]), 2), percent(result["complete"]),
                     number(result["memory_kib"] / 1024, 1) if result["memory_kib"] else "-"))
    table(("", "queries/s", "min - max", "alone = 1", "min - max", "CPU s / million", "complete",
           "RSS MiB"), rows)
    print()
    lines = Lines()
    ours = data["nameflow"]
    for key in ("tcpdump_text", "dnscap_text", "tcpdump_file", "dnscap_file"):
        peer = data.get(key)
        if not peer:
            continue
        wanted = key.endswith("_text")
        loss, peer_loss = (1 - median(d["against_alone"]) for d in (ours, peer))
        cpu, peer_cpu = (median(d["cpu_s_per_million"]) for d in (ours, peer))
        lines.add(f"loss of rate, nameflow against {peer['label']}",
                  f"{percent(loss)} : {percent(peer_loss)}", "", "smaller" if wanted else "",
                  loss < peer_loss if wanted else None)
        lines.add(f"CPU per million, nameflow against {peer['label']}",
                  f"{number(cpu, 2)} : {number(peer_cpu, 2)}", "", "less" if wanted else "",
                  cpu < peer_cpu if wanted else None)
    lines.add("transactions reported whole", percent(ours["complete"]), "", "100 %",
              ours["complete"] is not None and 0.99995 <= ours["complete"] <= 1.00005)
    memory = ours["memory_kib"] / 1024
    lines.add("resident memory of trace at its peak, MiB", number(memory, 1), "", f"<= {MEMORY_MIB}",
              memory <= MEMORY_MIB)
    lines.print()


def bounded(data):
    print("\nReported whole / done, and CPU seconds per million, at bounded rates\n")
    loads = list(dict.fromkeys((r["ports"], r["target"]) for r in data))
    labels = dict.fromkeys(r["label"] for r in data)
    found = {(r["label"], r["ports"], r["target"]): r for r in data}
    rows = []
    for label in labels:
        row = [label]
        for load in loads:
            result = found[(label, *load)]
            row.append(f"{percent(result['complete'])}  {number(median(result['cpu_s_per_million']), 2)} s")
        rows.append(tuple(row))
    reached = ["(reached, queries/s)"]
    for load in loads:
        reached.append(number(median(found[(next(iter(labels)), *load)]["rate"])))
    rows.append(tuple(reached))
    table(("", *(f"{rate}/s, {ports} ports" for ports, rate in loads)), rows)


def read(data):
    print(f"\nnameflow read --summary, {data['capture']['packets'] / 1e6:.1f} million packets, one core\n")
    lines = Lines()
    rate = data["packets_per_s"]
    lines.add("million packets per second", number(median(rate) / 1e6, 2), span(rate, 2, 1e-6),
              f">= {READ_PACKETS_PER_S / 1e6}", median(rate) >= READ_PACKETS_PER_S)
    lines.add("million packets per second of CPU", number(median(data["packets_per_cpu_s"]) / 1e6, 2),
              span(data["packets_per_cpu_s"], 2, 1e-6))
    lines.add("answered, as the capture has it", "yes" if data["totals_agree"] else "no", "", "yes",
              data["totals_agree"])
    lines.add("resident memory, MiB", number(data["memory_kib"] / 1024, 1))
    lines.print()


def machine(facts, plan):
    print(f"nameflow bench, {facts['time']}")
    print(f"  {facts['cores']} x {facts['cpu']}, {facts['memory_mib']} MiB, Linux {facts['kernel']}, "
          f"BPF JIT {facts['bpf_jit']}")
    print(f"  nameflow {facts['nameflow']} ({facts['build']})")
    print(f"  knot {facts['knot']}, dnsperf {facts['dnsperf']}, tcpdump {facts['tcpdump']}, "
          f"dnscap {facts['dnscap']}")
    print(f"  {plan.rounds} interleaved rounds of {plan.seconds} s"
          + (", quick: medians of so few runs say little" if plan.quick else ""))
    if facts["busy_before"] > 0.1:
        print(f"  Other work used {facts['busy_before']:.0%} of the processors before the start: "
              "read ratios, not figures")


SECTIONS = {"kernel": kernel, "rates": rates, "bounded": bounded, "read": read}


def show(data, plan):
    machine(data["machine"], plan)
    if "kernel" in data:
        kernel(data["kernel"])
    if "rates" in data:
        processor(data["rates"], data.get("bounded", []))
        rates(data["rates"])
    if "bounded" in data:
        bounded(data["bounded"])
    if "read" in data:
        read(data["read"])
