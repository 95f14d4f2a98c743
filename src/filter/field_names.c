/* SPDX-License-Identifier: Apache-2.0 */
/* Mnemonics of the fields that are enums or sets. */
#include "filter/field_values.h"
#include "record/text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool same(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && strncasecmp(name, text, len) == 0;
}

static int parse_with(const char *(*at)(size_t), const char *text, size_t len)
{
    const char *name;
    for (size_t i = 0; (name = at(i)); i++)
        if (same(name, text, len))
            return (int)i;
    return -EINVAL;
}

/* A number up to max, or -EINVAL. */
static int parse_code(const char *text, size_t len, int max)
{
    int code = 0;
    if (!len)
        return -EINVAL;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        code = code * 10 + (text[i] - '0');
        if (code > max)
            return -EINVAL;
    }
    return code;
}

const char *field_outcome_at(size_t i)
{
    return i < OUTCOME_COUNT ? record_outcome_name((enum record_outcome)i) : NULL;
}

int field_outcome_parse(const char *text, size_t len)
{
    return parse_with(field_outcome_at, text, len);
}

const char *field_outcome_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    (void)scratch;
    return record_outcome_name((enum record_outcome)code);
}

const char *field_protocol_at(size_t i)
{
    return i < PROTOCOL_COUNT ? record_protocol_name((enum record_protocol)i) : NULL;
}

int field_protocol_parse(const char *text, size_t len)
{
    return parse_with(field_protocol_at, text, len);
}

const char *field_protocol_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    (void)scratch;
    return record_protocol_name((enum record_protocol)code);
}

const char *field_transport_at(size_t i)
{
    return i < TRANSPORT_COUNT ? record_transport_name((enum record_transport)i) : NULL;
}

int field_transport_parse(const char *text, size_t len)
{
    return parse_with(field_transport_at, text, len);
}

const char *field_transport_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    (void)scratch;
    return record_transport_name((enum record_transport)code);
}

int field_opcode_parse(const char *text, size_t len)
{
    int code = parse_code(text, len, 15);
    return code >= 0 ? code : dns_opcode_from_name(text, len);
}

const char *field_opcode_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    return dns_opcode_name((uint8_t)code, scratch);
}

int field_rcode_parse(const char *text, size_t len)
{
    int code = parse_code(text, len, 4095);
    return code >= 0 ? code : dns_rcode_from_name(text, len);
}

const char *field_rcode_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    return dns_rcode_name((uint16_t)code, scratch);
}

int field_type_parse(const char *text, size_t len)
{
    int code = parse_code(text, len, 65535);
    return code >= 0 ? code : dns_type_from_name(text, len);
}

const char *field_type_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    return dns_type_name((uint16_t)code, scratch);
}

int field_class_parse(const char *text, size_t len)
{
    int code = parse_code(text, len, 65535);
    return code >= 0 ? code : dns_class_from_name(text, len);
}

const char *field_class_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    return dns_class_name((uint16_t)code, scratch);
}

const char *field_opcode_at(size_t i)
{
    static const char *const names[] = {"QUERY", "IQUERY", "STATUS", "NOTIFY", "UPDATE", "DSO"};
    return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

const char *field_class_at(size_t i)
{
    static const char *const names[] = {"IN", "CH", "HS", "NONE", "ANY"};
    return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

const char *field_ede_at(size_t i)
{
    return i < 0x10000 ? dns_ede_text((uint16_t)i) : NULL;
}

/* "stale_answer" and "stale-answer" need no quotes. */
static bool same_words(const char *name, const char *text, size_t len)
{
    if (strlen(name) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i] == '_' || text[i] == '-' ? ' ' : text[i];
        if (strncasecmp(&c, name[i] == '-' ? " " : name + i, 1) != 0)
            return false;
    }
    return true;
}

int field_ede_parse(const char *text, size_t len)
{
    int code = parse_code(text, len, 65535);
    const char *name;
    if (code >= 0)
        return code;
    for (size_t i = 0; (name = field_ede_at(i)); i++)
        if (same_words(name, text, len))
            return (int)i;
    return -EINVAL;
}

const char *field_ede_name(int64_t code, char scratch[DNS_MNEMONIC_MAX])
{
    const char *name = dns_ede_text((uint16_t)code);
    if (name)
        return name;
    snprintf(scratch, DNS_MNEMONIC_MAX, "%u", (unsigned)(uint16_t)code);
    return scratch;
}

const char *field_flags_at(size_t i)
{
    uint16_t bit;
    return record_flag_at(i, &bit);
}

const char *field_marks_at(size_t i)
{
    return i < 8 ? record_mark_name((uint8_t)(1u << i)) : NULL;
}
