/* SPDX-License-Identifier: Apache-2.0 */
/* SVCB and HTTPS parameters (RFC 9460 2.1, 2.2, 7, appendix A). */
#include "dns/rdata.h"

/* IANA "Service Parameter Keys (SvcParamKeys)". Keys past the table are written keyN="octets". */
enum {
    KEY_MANDATORY,
    KEY_ALPN,
    KEY_NO_DEFAULT_ALPN,
    KEY_PORT,
    KEY_IPV4HINT,
    KEY_ECH,
    KEY_IPV6HINT,
    KEY_DOHPATH,              /* RFC 9461 */
    KEY_OHTTP,                /* RFC 9540 */
    KEY_TLS_SUPPORTED_GROUPS, /* a list of 16-bit numbers */
};

static const char *const key_names[] = {
    "mandatory", "alpn",     "no-default-alpn", "port",  "ipv4hint",
    "ech",       "ipv6hint", "dohpath",         "ohttp", "tls-supported-groups",
};

static void text_key(struct buf *out, unsigned key)
{
    if (key < sizeof(key_names) / sizeof(key_names[0]))
        buf_puts(out, key_names[key]);
    else
        buf_printf(out, "key%u", key);
}

/* One protocol id of an alpn list: comma and backslash are escaped for the list, and the backslash
 * of that once more for the quoted string around it. */
static void text_alpn_id(struct buf *out, const uint8_t *id, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (id[i] == ',')
            buf_puts(out, "\\\\,");
        else if (id[i] == '\\')
            buf_puts(out, "\\\\\\\\");
        else
            dns_text_octets(out, id + i, 1);
    }
}

static bool read_alpn(struct cursor *c, struct buf *out)
{
    bool first = true;
    if (out)
        buf_puts(out, "=\"");
    while (cursor_left(c) && !c->failed) {
        size_t len = cursor_u8(c);
        const uint8_t *id = cursor_bytes(c, len);
        if (!id || len == 0)
            return false;
        if (out && !first)
            buf_putc(out, ',');
        first = false;
        if (out)
            text_alpn_id(out, id, len);
    }
    if (out)
        buf_putc(out, '"');
    return !first && !c->failed;
}

static bool read_numbers(struct cursor *c, struct buf *out, bool keys)
{
    char before = '=';
    while (cursor_left(c) && !c->failed) {
        unsigned value = cursor_u16(c);
        if (out) {
            buf_putc(out, before);
            if (keys)
                text_key(out, value);
            else
                buf_u64(out, value);
        }
        before = ',';
    }
    return before == ',' && !c->failed;
}

static bool read_hints(struct cursor *c, struct buf *out, size_t size)
{
    char before = '=';
    while (cursor_left(c) && !c->failed) {
        const uint8_t *address = cursor_bytes(c, size);
        if (out && address) {
            buf_putc(out, before);
            dns_text_ip(out, address, size);
        }
        before = ',';
    }
    return before == ',' && !c->failed;
}

static bool read_octets(struct cursor *c, struct buf *out, bool base64)
{
    size_t len = cursor_left(c);
    const uint8_t *data = cursor_bytes(c, len);
    if (!out || len == 0)
        return true;
    buf_putc(out, '=');
    if (base64)
        dns_text_base64(out, data, len);
    else
        dns_text_quoted(out, data, len);
    return true;
}

static bool read_value(struct cursor *c, struct buf *out, unsigned key)
{
    switch (key) {
    case KEY_MANDATORY:
        return read_numbers(c, out, true);
    case KEY_ALPN:
        return read_alpn(c, out);
    case KEY_NO_DEFAULT_ALPN:
    case KEY_OHTTP:
        return cursor_left(c) == 0;
    case KEY_PORT:
        return cursor_left(c) == 2 && read_numbers(c, out, false);
    case KEY_TLS_SUPPORTED_GROUPS:
        return read_numbers(c, out, false);
    case KEY_IPV4HINT:
        return read_hints(c, out, 4);
    case KEY_IPV6HINT:
        return read_hints(c, out, 16);
    case KEY_ECH:
        return read_octets(c, out, true);
    default:
        return read_octets(c, out, false);
    }
}

void dns_rdata_svcparams(struct rdata *x)
{
    int last = -1;
    while (rdata_left(x)) {
        int key = cursor_u16(&x->c);
        size_t len = cursor_u16(&x->c);
        const uint8_t *value = cursor_bytes(&x->c, len);
        /* RFC 9460 2.2: strictly increasing keys. */
        if (!value || key <= last) {
            x->c.failed = true;
            return;
        }
        last = key;
        rdata_field(x);
        if (x->out)
            text_key(x->out, (unsigned)key);
        struct cursor c = cursor_of(value, len);
        if (!read_value(&c, x->out, (unsigned)key))
            x->c.failed = true;
    }
}
