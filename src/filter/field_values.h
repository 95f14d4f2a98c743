/* SPDX-License-Identifier: Apache-2.0 */
/* Private to the registry: one function a field that hands on the field's values of a record, and
 * the names of enums. */
#pragma once

#include "filter/field.h"

bool field_time(struct record *r, field_each *each, void *ctx);
bool field_latency(struct record *r, field_each *each, void *ctx);
bool field_outcome(struct record *r, field_each *each, void *ctx);
bool field_protocol(struct record *r, field_each *each, void *ctx);
bool field_transport(struct record *r, field_each *each, void *ctx);
bool field_client(struct record *r, field_each *each, void *ctx);
bool field_client_port(struct record *r, field_each *each, void *ctx);
bool field_server(struct record *r, field_each *each, void *ctx);
bool field_server_port(struct record *r, field_each *each, void *ctx);
bool field_id(struct record *r, field_each *each, void *ctx);
bool field_opcode(struct record *r, field_each *each, void *ctx);
bool field_flags(struct record *r, field_each *each, void *ctx);
bool field_rcode(struct record *r, field_each *each, void *ctx);
bool field_qname(struct record *r, field_each *each, void *ctx);
bool field_qname_wire(struct record *r, field_each *each, void *ctx);
bool field_qtype(struct record *r, field_each *each, void *ctx);
bool field_qclass(struct record *r, field_each *each, void *ctx);
bool field_answers_name(struct record *r, field_each *each, void *ctx);
bool field_answers_type(struct record *r, field_each *each, void *ctx);
bool field_answers_ttl(struct record *r, field_each *each, void *ctx);
bool field_answers_data(struct record *r, field_each *each, void *ctx);
bool field_authority_count(struct record *r, field_each *each, void *ctx);
bool field_additional_count(struct record *r, field_each *each, void *ctx);
bool field_answer_count(struct record *r, field_each *each, void *ctx);
bool field_min_ttl(struct record *r, field_each *each, void *ctx);
bool field_edns(struct record *r, field_each *each, void *ctx);
bool field_edns_version(struct record *r, field_each *each, void *ctx);
bool field_edns_udp_size(struct record *r, field_each *each, void *ctx);
bool field_edns_do(struct record *r, field_each *each, void *ctx);
bool field_edns_ecs(struct record *r, field_each *each, void *ctx);
bool field_edns_nsid(struct record *r, field_each *each, void *ctx);
bool field_edns_cookie(struct record *r, field_each *each, void *ctx);
bool field_edns_keepalive(struct record *r, field_each *each, void *ctx);
bool field_edns_padding(struct record *r, field_each *each, void *ctx);
bool field_edns_ede(struct record *r, field_each *each, void *ctx);
bool field_edns_ede_extra(struct record *r, field_each *each, void *ctx);
bool field_query_bytes(struct record *r, field_each *each, void *ctx);
bool field_response_bytes(struct record *r, field_each *each, void *ctx);
bool field_retransmits(struct record *r, field_each *each, void *ctx);
bool field_interface(struct record *r, field_each *each, void *ctx);
bool field_netns(struct record *r, field_each *each, void *ctx);
bool field_hops(struct record *r, field_each *each, void *ctx);
bool field_hops_interface(struct record *r, field_each *each, void *ctx);
bool field_hops_netns(struct record *r, field_each *each, void *ctx);
bool field_hops_latency(struct record *r, field_each *each, void *ctx);
bool field_pid(struct record *r, field_each *each, void *ctx);
bool field_tid(struct record *r, field_each *each, void *ctx);
bool field_comm(struct record *r, field_each *each, void *ctx);
bool field_exe(struct record *r, field_each *each, void *ctx);
bool field_uid(struct record *r, field_each *each, void *ctx);
bool field_server_pid(struct record *r, field_each *each, void *ctx);
bool field_server_comm(struct record *r, field_each *each, void *ctx);
bool field_cgroup(struct record *r, field_each *each, void *ctx);
bool field_container_id(struct record *r, field_each *each, void *ctx);
bool field_unit(struct record *r, field_each *each, void *ctx);
bool field_pod(struct record *r, field_each *each, void *ctx);
bool field_namespace(struct record *r, field_each *each, void *ctx);
bool field_workload(struct record *r, field_each *each, void *ctx);
bool field_node(struct record *r, field_each *each, void *ctx);
bool field_drop_reason(struct record *r, field_each *each, void *ctx);
bool field_drop_location(struct record *r, field_each *each, void *ctx);
bool field_malformed(struct record *r, field_each *each, void *ctx);
bool field_marks(struct record *r, field_each *each, void *ctx);
bool field_icmp(struct record *r, field_each *each, void *ctx);
bool field_domain(struct record *r, field_each *each, void *ctx);
bool field_suffix(struct record *r, field_each *each, void *ctx);

/* Mnemonics: code of a text, i-th mnemonic, text of a code. */
int field_outcome_parse(const char *text, size_t len);
const char *field_outcome_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
int field_protocol_parse(const char *text, size_t len);
const char *field_protocol_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
int field_transport_parse(const char *text, size_t len);
const char *field_transport_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
int field_opcode_parse(const char *text, size_t len);
const char *field_opcode_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
int field_rcode_parse(const char *text, size_t len);
const char *field_rcode_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
int field_type_parse(const char *text, size_t len);
const char *field_type_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
int field_class_parse(const char *text, size_t len);
const char *field_class_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
int field_ede_parse(const char *text, size_t len);
const char *field_ede_name(int64_t code, char scratch[DNS_MNEMONIC_MAX]);
const char *field_outcome_at(size_t i);
const char *field_protocol_at(size_t i);
const char *field_transport_at(size_t i);
const char *field_opcode_at(size_t i);
const char *field_class_at(size_t i);
const char *field_ede_at(size_t i);
const char *field_flags_at(size_t i);
const char *field_marks_at(size_t i);
