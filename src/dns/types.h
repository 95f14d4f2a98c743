/* SPDX-License-Identifier: Apache-2.0 */
/* The IANA registries of DNS parameters, code <-> mnemonic. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_MNEMONIC_MAX = 20, /* with the NUL */
};

/* Returns the mnemonic: IANA's, or TYPEn, CLASSn (RFC 3597), RCODEn, OPCODEn written to scratch. */
const char *dns_type_name(uint16_t type, char scratch[DNS_MNEMONIC_MAX]);
const char *dns_class_name(uint16_t class_, char scratch[DNS_MNEMONIC_MAX]);
const char *dns_rcode_name(uint16_t rcode, char scratch[DNS_MNEMONIC_MAX]);
const char *dns_opcode_name(uint8_t opcode, char scratch[DNS_MNEMONIC_MAX]);
bool dns_type_assigned(uint16_t type);
const char *dns_ede_text(uint16_t code); /* IANA's purpose text; NULL when unassigned */

/* Case-insensitive; also the TYPEn forms. The code, or -EINVAL. */
int dns_type_from_name(const char *text, size_t len);
int dns_class_from_name(const char *text, size_t len);
int dns_rcode_from_name(const char *text, size_t len);
int dns_opcode_from_name(const char *text, size_t len);

/* The i-th assigned mnemonic, NULL past the end: for suggestions in error messages. */
const char *dns_type_at(size_t i);
const char *dns_rcode_at(size_t i);
