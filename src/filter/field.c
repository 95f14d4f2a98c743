/* SPDX-License-Identifier: Apache-2.0 */
/* The registry of fields, in the order of the record. */
#include "filter/field.h"

#include "dns/parts.h"
#include "filter/field_values.h"
#include "filter/nearest.h"

#include <string.h>
#include <strings.h>

#define FIELD(name_, type_, values_, row_, help_, ...)                                             \
    {                                                                                              \
        .name = (name_), .type = FIELD_##type_, .values = (values_), .row = row_, .help = (help_), \
        __VA_ARGS__                                                                                \
    }
#define NEVER    FIELD_NEVER_ABSENT
#define ZERO     FIELD_ABSENT_ZERO
#define NEGATIVE FIELD_ABSENT_NEGATIVE
#define PLACE(list, kind, absent, of, member)                                                      \
    {                                                                                              \
        FIELD_IN_##list, FIELD_##kind, absent, offsetof(struct of, member)                         \
    }
#define ROW(kind, member, absent)  PLACE(ROW, kind, absent, row, member)
#define EDNS(kind, member, absent) PLACE(EDNS, kind, absent, row_edns, member)
#define ANSWER(kind, member)       PLACE(ANSWERS, kind, NEVER, row_answer, member)
#define EDE(kind, member)          PLACE(EDE, kind, NEVER, row_ede, member)
#define HOP(kind, member, absent)  PLACE(HOPS, kind, absent, row_hop, member)
#define NAMED(parse, at, name)     .parse_enum = (parse), .enum_at = (at), .enum_name = (name)

static const struct field fields[] = {
    FIELD("time", TIME, field_time, ROW(I64, time_ns, NEVER),
          "when the query was first seen (the response, if no query was)"),
    FIELD("latency_us", DURATION, field_latency, ROW(I64, latency_us, NEGATIVE),
          "from the first query to the response", .alias = "latency"),
    FIELD("outcome", ENUM, field_outcome, ROW(U8, outcome, NEVER), "how the transaction ended",
          NAMED(field_outcome_parse, field_outcome_at, field_outcome_name)),
    FIELD("protocol", ENUM, field_protocol, ROW(U8, protocol, NEVER), "dns, mdns or llmnr",
          NAMED(field_protocol_parse, field_protocol_at, field_protocol_name)),
    FIELD("transport", ENUM, field_transport, ROW(U8, transport, NEVER),
          "udp, tcp, tls, https or quic",
          NAMED(field_transport_parse, field_transport_at, field_transport_name)),
    FIELD("client", INET, field_client, ROW(ADDRESS, client, NEVER), "address that asked"),
    FIELD("client_port", NUMBER, field_client_port, ROW(U16, client_port, NEVER),
          "port of the client"),
    FIELD("server", INET, field_server, ROW(ADDRESS, server, NEVER), "address that was asked"),
    FIELD("server_port", NUMBER, field_server_port, ROW(U16, server_port, NEVER),
          "port of the server"),
    FIELD("id", NUMBER, field_id, ROW(U16, id, NEVER), "id in the DNS header"),
    FIELD("opcode", ENUM, field_opcode, ROW(I32, opcode, NEGATIVE), "QUERY, NOTIFY, UPDATE, ...",
          NAMED(field_opcode_parse, field_opcode_at, field_opcode_name)),
    FIELD("flags", SET, field_flags, ROW(U16, flags, ZERO),
          "header flags of the response (the query, if no response)", .enum_at = field_flags_at),
    FIELD("rcode", ENUM, field_rcode, ROW(I32, rcode, NEGATIVE), "response code with its EDNS bits",
          NAMED(field_rcode_parse, dns_rcode_at, field_rcode_name)),
    FIELD("qname", TEXT, field_qname, ROW(ROW_TEXT, qname, NEVER), "name asked for, in lower case",
          .fold = true, .is_lower = true),
    FIELD("qname_wire", TEXT, field_qname_wire, ROW(ROW_TEXT, qname_wire, NEVER),
          "the same as seen, when its case differs"),
    FIELD("qtype", ENUM, field_qtype, ROW(I32, qtype, NEGATIVE), "type asked for",
          NAMED(field_type_parse, dns_type_at, field_type_name)),
    FIELD("qclass", ENUM, field_qclass, ROW(I32, qclass, NEGATIVE), "class asked for",
          NAMED(field_class_parse, field_class_at, field_class_name)),
    FIELD("answers.name", TEXT, field_answers_name, ANSWER(ROW_TEXT, name),
          "owner name of a record in the answer section", .fold = true),
    FIELD("answers.type", ENUM, field_answers_type, ANSWER(U16, type),
          "type of a record in the answer section",
          NAMED(field_type_parse, dns_type_at, field_type_name)),
    FIELD("answers.ttl", NUMBER, field_answers_ttl, ANSWER(U32, ttl),
          "time to live of a record in the answer section, in s"),
    FIELD("answers.data", TEXT, field_answers_data, ANSWER(ROW_TEXT, data),
          "data of a record in the answer section", .alias = "answers", .fold = true,
          .addresses = true),
    FIELD("authority_count", NUMBER, field_authority_count, ROW(I32, authority_count, NEGATIVE),
          "records in the authority section, by the header"),
    FIELD("additional_count", NUMBER, field_additional_count, ROW(I32, additional_count, NEGATIVE),
          "records in the additional section, by the header"),
    FIELD("answer_count", NUMBER, field_answer_count, ROW(I32, answer_count, NEGATIVE),
          "records in the answer section, by the header"),
    FIELD("min_ttl", NUMBER, field_min_ttl, ROW(I64, min_ttl, NEGATIVE),
          "smallest time to live of the answer section, in s"),
    FIELD("edns", BOOL, field_edns, ROW(FLAG, edns.present, ZERO), "whether there is EDNS",
          .presence = true),
    FIELD("edns.version", NUMBER, field_edns_version, EDNS(U8, version, NEVER), "version of EDNS"),
    FIELD("edns.udp_size", NUMBER, field_edns_udp_size, EDNS(U16, udp_size, NEVER),
          "largest UDP answer that its sender takes, in bytes"),
    FIELD("edns.do", BOOL, field_edns_do, EDNS(FLAG, do_bit, NEVER), "DNSSEC OK bit"),
    FIELD("edns.ecs", TEXT, field_edns_ecs, EDNS(ROW_TEXT, ecs, NEVER),
          "client subnet: address/source/scope"),
    FIELD("edns.nsid", TEXT, field_edns_nsid, EDNS(ROW_TEXT, nsid, NEVER),
          "name server identifier"),
    FIELD("edns.cookie", TEXT, field_edns_cookie, EDNS(ROW_TEXT, cookie, NEVER),
          "cookie in hexadecimal"),
    FIELD("edns.keepalive", NUMBER, field_edns_keepalive, EDNS(I64, keepalive_ms, NEGATIVE),
          "TCP keepalive timeout in ms"),
    FIELD("edns.padding", NUMBER, field_edns_padding, EDNS(I64, padding_bytes, NEGATIVE),
          "bytes of padding"),
    FIELD("edns.ede", ENUM, field_edns_ede, EDE(U16, code), "extended DNS error, by code or name",
          NAMED(field_ede_parse, field_ede_at, field_ede_name)),
    FIELD("edns.ede.extra", TEXT, field_edns_ede_extra, EDE(ROW_TEXT, extra),
          "text sent with an extended DNS error"),
    FIELD("query_bytes", NUMBER, field_query_bytes, ROW(U32, query_bytes, ZERO),
          "size of the query's DNS message"),
    FIELD("response_bytes", NUMBER, field_response_bytes, ROW(U32, response_bytes, ZERO),
          "size of the response's DNS message"),
    FIELD("retransmits", NUMBER, field_retransmits, ROW(U16, retransmits, NEVER),
          "further copies of the query"),
    FIELD("interface", TEXT, field_interface, ROW(ROW_TEXT, interface, NEVER),
          "interface nearest the client"),
    FIELD("netns", NUMBER, field_netns, ROW(U32, netns, ZERO),
          "its network namespace (inode number)"),
    FIELD("hops", NUMBER, field_hops, ROW(U32, hops_len, ZERO),
          "how many places of this host saw it"),
    FIELD("hops.interface", TEXT, field_hops_interface, HOP(ROW_TEXT, interface, NEVER),
          "interface of any of these places"),
    FIELD("hops.netns", NUMBER, field_hops_netns, HOP(U32, netns, ZERO),
          "network namespace of any of these places"),
    FIELD("hops.latency_us", DURATION, field_hops_latency, HOP(I64, latency_us, NEGATIVE),
          "latency at any of these places", .alias = "hops.latency"),
    FIELD("pid", NUMBER, field_pid, ROW(U32, pid, ZERO), "process that asked"),
    FIELD("tid", NUMBER, field_tid, ROW(U32, tid, ZERO), "its thread"),
    FIELD("comm", TEXT, field_comm, ROW(ROW_TEXT, comm, NEVER), "its name, at most 15 bytes"),
    FIELD("exe", TEXT, field_exe, ROW(ROW_TEXT, exe, NEVER), "path of its executable"),
    FIELD("uid", NUMBER, field_uid, ROW(I64, uid, NEGATIVE), "its user id"),
    FIELD("server_pid", NUMBER, field_server_pid, ROW(U32, server_pid, ZERO),
          "process that answers, when on this host"),
    FIELD("server_comm", TEXT, field_server_comm, ROW(ROW_TEXT, server_comm, NEVER), "its name"),
    FIELD("cgroup", TEXT, field_cgroup, ROW(ROW_TEXT, cgroup, NEVER),
          "cgroup path of the process that asked"),
    FIELD("container_id", TEXT, field_container_id, ROW(ROW_TEXT, container_id, NEVER),
          "container id read from it"),
    FIELD("unit", TEXT, field_unit, ROW(ROW_TEXT, unit, NEVER), "systemd unit read from it"),
    FIELD("pod", TEXT, field_pod, ROW(ROW_TEXT, pod, NEVER), "Kubernetes pod"),
    FIELD("namespace", TEXT, field_namespace, ROW(ROW_TEXT, namespace, NEVER),
          "Kubernetes namespace"),
    FIELD("workload", TEXT, field_workload, ROW(ROW_TEXT, workload, NEVER),
          "Kubernetes workload that owns the pod"),
    FIELD("node", TEXT, field_node, ROW(ROW_TEXT, node, NEVER), "Kubernetes node, or host name"),
    FIELD("drop_reason", TEXT, field_drop_reason, ROW(ROW_TEXT, drop_reason, NEVER),
          "why the kernel dropped a packet of it"),
    FIELD("drop_location", TEXT, field_drop_location, ROW(ROW_TEXT, drop_location, NEVER),
          "where it did"),
    FIELD("malformed", TEXT, field_malformed, ROW(ROW_TEXT, malformed, NEVER),
          "why a message did not parse"),
    FIELD("marks", SET, field_marks, ROW(U8, marks, ZERO),
          "duplicate_response, late_response, cut, reassembled", .enum_at = field_marks_at),
    FIELD("icmp", TEXT, field_icmp, ROW(ROW_TEXT, icmp, NEVER),
          "what the ICMP message that ended it said"),
    FIELD("domain", TEXT, field_domain, ROW(ROW_TEXT, qname, NEVER),
          "registered domain of the name asked for, by the public suffix list", .fold = true,
          .is_lower = true, .part = dns_name_domain),
    FIELD("suffix", TEXT, field_suffix, ROW(ROW_TEXT, qname, NEVER),
          "what follows the first label of the name asked for", .fold = true, .is_lower = true,
          .part = dns_name_parent),
};

enum {
    FIELD_COUNT = sizeof(fields) / sizeof(fields[0]),
};

static bool is_named(const char *name, const char *text, size_t len)
{
    return name && strlen(name) == len && memcmp(name, text, len) == 0;
}

const struct field *field_find(const char *name, size_t len)
{
    for (size_t i = 0; i < FIELD_COUNT; i++)
        if (is_named(fields[i].name, name, len) || is_named(fields[i].alias, name, len))
            return &fields[i];
    return NULL;
}

const struct field *field_at(size_t i)
{
    return i < FIELD_COUNT ? &fields[i] : NULL;
}

size_t field_index(const struct field *f)
{
    return (size_t)(f - fields);
}

const char *field_nearest(const char *name, size_t len)
{
    /* What other tools and habits call these fields. */
    static const char *const other_names[][2] = {
        {"name", "qname"},      {"zone", "domain"},
        {"type", "qtype"},      {"class", "qclass"},
        {"rtt", "latency_us"},  {"duration", "latency_us"},
        {"process", "comm"},    {"command", "comm"},
        {"src", "client"},      {"source", "client"},
        {"dst", "server"},      {"destination", "server"},
        {"resolver", "server"}, {"status", "outcome"},
        {"result", "outcome"},  {"container", "container_id"},
        {"user", "uid"},        {"iface", "interface"},
        {"dev", "interface"},   {"ttl", "min_ttl"},
        {"answer", "answers"},  {"ip", "client"},
        {"host", "client"},     {"port", "server_port"},
        {"ecs", "edns.ecs"},    {"ede", "edns.ede"},
        {"nsid", "edns.nsid"},  {"do", "edns.do"},
        {"service", "unit"},    {"mark", "marks"},
        {"flag", "flags"},      {"proto", "protocol"},
        {"code", "rcode"},      {"response_code", "rcode"},
        {"query", "qname"},
    };
    for (size_t i = 0; i < sizeof(other_names) / sizeof(other_names[0]); i++)
        if (strlen(other_names[i][0]) == len && strncasecmp(other_names[i][0], name, len) == 0)
            return other_names[i][1];
    struct nearest n = nearest_to(name, len);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        nearest_offer(&n, fields[i].name);
        if (fields[i].alias)
            nearest_offer(&n, fields[i].alias);
    }
    return n.best;
}
