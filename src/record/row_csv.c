/* SPDX-License-Identifier: Apache-2.0 */
/* CSV is made from the JSON of a row, whose keys come in the order of the columns: so the two
 * cannot differ in what they say. */
#include "record/row_csv.h"

#include <stdlib.h>

static const char *const columns[] = {
    "time",
    "latency_us",
    "outcome",
    "protocol",
    "transport",
    "client",
    "client_port",
    "server",
    "server_port",
    "id",
    "opcode",
    "flags",
    "rcode",
    "qname",
    "qname_wire",
    "qtype",
    "qclass",
    "answers",
    "authority_count",
    "additional_count",
    "answer_count",
    "min_ttl",
    "edns",
    "query_bytes",
    "response_bytes",
    "retransmits",
    "interface",
    "netns",
    "hops",
    "pid",
    "tid",
    "comm",
    "exe",
    "uid",
    "server_pid",
    "server_comm",
    "cgroup",
    "container_id",
    "unit",
    "pod",
    "namespace",
    "workload",
    "node",
    "drop_reason",
    "drop_location",
    "malformed",
    "marks",
    "icmp",
};

enum {
    COLUMN_COUNT = sizeof(columns) / sizeof(columns[0]),
};

/* The end of the JSON string that begins at p, past its quote. */
static const char *string_end(const char *p)
{
    for (p++; *p && *p != '"'; p++)
        if (*p == '\\' && p[1])
            p++;
    return *p ? p + 1 : p;
}

static const char *value_end(const char *p)
{
    unsigned depth = 0;
    while (*p) {
        if (*p == '"') {
            p = string_end(p);
            continue;
        }
        if (*p == '{' || *p == '[') {
            depth++;
        } else if (*p == '}' || *p == ']' || *p == ',') {
            if (!depth)
                return p;
            if (*p != ',' && --depth == 0)
                return p + 1;
        }
        p++;
    }
    return p;
}

/* A field of any content within quotes, in which quotes are doubled. */
static void put_quoted(struct buf *out, const char *text, size_t len)
{
    buf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"')
            buf_putc(out, '"');
        buf_putc(out, text[i]);
    }
    buf_putc(out, '"');
}

/* What json_string escapes: short forms, and \u00XX for other control bytes. */
static char unescape(const char **p)
{
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char c = *++*p;
    const char *found = c ? strchr(from, c) : NULL;
    if (c == 'u') {
        char digits[5] = {(*p)[1], (*p)[2], (*p)[3], (*p)[4], '\0'};
        *p += 4;
        c = (char)strtoul(digits, NULL, 16);
    } else if (found) {
        c = to[found - from];
    }
    ++*p;
    return c;
}

/* A JSON string with its quotes. */
static void put_string(struct buf *out, const char *text, size_t len)
{
    const char *p = text + 1, *end = text + len - 1;
    bool plain = p < end;
    for (const char *q = p; q < end; q++)
        plain = plain && *q != '\\' && *q != ',' && *q != '"';
    if (plain) {
        buf_put(out, p, (size_t)(end - p));
        return;
    }
    buf_putc(out, '"');
    while (p < end) {
        char c = *p == '\\' ? unescape(&p) : *p++;
        if (c == '"')
            buf_putc(out, '"');
        buf_putc(out, c);
    }
    buf_putc(out, '"');
}

static void put_value(struct buf *out, const char *value, size_t len)
{
    if (value[0] == '"')
        put_string(out, value, len);
    else if (value[0] == '[' || value[0] == '{')
        put_quoted(out, value, len);
    else
        buf_put(out, value, len);
}

void row_csv_header(struct buf *out)
{
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        if (i)
            buf_putc(out, ',');
        buf_puts(out, columns[i]);
    }
    buf_puts(out, "\r\n");
}

void row_to_csv(const struct row *r, struct buf *scratch, struct buf *out)
{
    buf_clear(scratch);
    row_to_json(r, scratch);
    const char *p = buf_cstr(scratch);
    if (scratch->failed) {
        out->failed = true;
        return;
    }
    for (unsigned i = 0; i < COLUMN_COUNT; i++) {
        size_t n = strlen(columns[i]);
        if (i)
            buf_putc(out, ',');
        /* p is at the brace or comma before the next key. */
        if ((*p != '{' && *p != ',') || strncmp(p + 2, columns[i], n) != 0 || p[2 + n] != '"')
            continue;
        const char *value = p + n + 4;
        p = value_end(value);
        put_value(out, value, (size_t)(p - value));
    }
    buf_puts(out, "\r\n");
}
