/* SPDX-License-Identifier: Apache-2.0 */
/* Domain names: wire format with compression (RFC 1035 3.1, 4.1.4) and presentation format
 * (RFC 1035 5.1, RFC 4343 2.1 escapes). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DNS_NAME_WIRE_MAX = 255,
    DNS_NAME_TEXT_MAX = 1025,    /* 253 octets as \DDD, dots, NUL: never more than this */
    DNS_NAME_POINTERS_MAX = 126, /* a name of 255 octets has no use for more */
};

/* Decompresses the name at `pos` into out (lower-casing nothing).
 * Returns the wire length in out (1..255, root label included), or -EBADMSG: label type not known,
 * pointer that does not go strictly backwards (before the labels it follows), more than
 * DNS_NAME_POINTERS_MAX pointers, over 255 octets, or past the end.
 * *next (may be NULL) is set to the position after the name at `pos`; only on success. */
int dns_name_read(const uint8_t *msg, size_t len, size_t pos, uint8_t out[DNS_NAME_WIRE_MAX],
                  size_t *next);

/* The position after the name at pos, without following pointers; -EBADMSG as above, where only
 * the labels before the first pointer are looked at. */
int dns_name_skip(const uint8_t *msg, size_t len, size_t pos, size_t *next);

/* As dns_name_read, without the copy and with the reason: 0 and *next; -EBADMSG for the label type,
 * -ELOOP for a pointer, -ENAMETOOLONG; -EAGAIN when nothing is wrong up to `len` but the name goes
 * on after it. */
int dns_name_check(const uint8_t *msg, size_t len, size_t pos, size_t *next);

/* An uncompressed wire name to text: no trailing dot except for the root, which is ".".
 * Octets other than letters, digits and -_/+*@:!#$%&'=?^`{|}~<>, etc. that are printable stay as
 * they are; dot, backslash, double quote, parentheses, semicolon, at sign and dollar are escaped
 * with a backslash, others as \DDD.
 * NUL-terminated; returns its length. */
size_t dns_name_to_text(const uint8_t *wire, size_t wire_len, char out[DNS_NAME_TEXT_MAX]);

/* Text to wire; a trailing dot is optional. Returns the wire length or -EINVAL. */
int dns_name_from_text(const char *text, size_t len, uint8_t out[DNS_NAME_WIRE_MAX]);

/* ASCII lower case (RFC 4343), in place; for wire names and text alike: label lengths are below
 * 'A' and cannot be changed by it. */
void dns_name_lower(uint8_t *bytes, size_t len);
