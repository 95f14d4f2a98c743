/* SPDX-License-Identifier: Apache-2.0 */
#include "base/inet.h"
#include "dns/message.h"
#include "dns/rdata.h"
#include "dns/types.h"

#include <errno.h>
#include <stdio.h>

/* IANA "DNS EDNS0 Option Codes (OPT)". */
enum {
    OPTION_NSID = 3,
    OPTION_ECS = 8,
    OPTION_COOKIE = 10,
    OPTION_KEEPALIVE = 11,
    OPTION_PADDING = 12,
    OPTION_EDE = 15,
};

enum {
    ECS_FAMILY_IP4 = 1,
    ECS_FAMILY_IP6 = 2,
    COOKIE_CLIENT_BYTES = 8,
};

static bool ecs_is_sound(const uint8_t *data, size_t len)
{
    if (len < 4)
        return false;
    unsigned family = (unsigned)data[0] << 8 | data[1], prefix = data[2];
    size_t max = family == ECS_FAMILY_IP4 ? 4 : 16;
    /* RFC 7871 6: as many octets as the prefix needs. Family 0 is section 7.1.2's empty one. */
    return family <= ECS_FAMILY_IP6 && len - 4 <= max && len - 4 == (prefix + 7) / 8;
}

static bool cookie_is_sound(size_t len)
{
    return len == COOKIE_CLIENT_BYTES || (len >= 16 && len <= 40); /* RFC 7873 4 */
}

static void keep_first(const uint8_t **slot, uint16_t *slot_len, const uint8_t *data, uint16_t len)
{
    if (*slot)
        return;
    *slot = data;
    *slot_len = len;
}

static const char *keep_ede(struct dns_edns *e, const uint8_t *data, uint16_t len)
{
    if (len < 2)
        return "opt: extended error is shorter than 2 bytes";
    if (e->ede_count == sizeof(e->ede) / sizeof(e->ede[0])) {
        e->other_options++;
        return NULL;
    }
    e->ede[e->ede_count++] = (struct dns_ede){.code = (uint16_t)(data[0] << 8 | data[1]),
                                              .text_len = (uint16_t)(len - 2),
                                              .text = data + 2};
    return NULL;
}

/* Keeps one option; NULL or what is wrong with it. */
static const char *keep_option(struct dns_edns *e, unsigned code, const uint8_t *data, uint16_t len)
{
    switch (code) {
    case OPTION_ECS:
        keep_first(&e->ecs, &e->ecs_len, data, len);
        return ecs_is_sound(data, len) ? NULL : "opt: bad client subnet";
    case OPTION_NSID:
        keep_first(&e->nsid, &e->nsid_len, data, len);
        return NULL;
    case OPTION_COOKIE:
        keep_first(&e->cookie, &e->cookie_len, data, len);
        return cookie_is_sound(len) ? NULL : "opt: cookie is not 8 or 16 to 40 bytes";
    case OPTION_KEEPALIVE:
        keep_first(&e->keepalive, &e->keepalive_len, data, len);
        return len == 0 || len == 2 ? NULL : "opt: keepalive is not 0 or 2 bytes";
    case OPTION_PADDING:
        keep_first(&e->padding, &e->padding_len, data, len);
        return NULL;
    case OPTION_EDE:
        return keep_ede(e, data, len);
    default:
        e->other_options++;
        return NULL;
    }
}

const char *dns_edns_parse(struct dns_edns *e, const uint8_t *options, size_t len)
{
    struct cursor c = cursor_of(options, len);
    const char *why = NULL;
    while (cursor_left(&c)) {
        unsigned code = cursor_u16(&c);
        uint16_t option_len = cursor_u16(&c);
        const uint8_t *data = cursor_bytes(&c, option_len);
        if (!data)
            return why ? why : "opt: option runs past the end";
        const char *wrong = keep_option(e, code, data, option_len);
        if (!why)
            why = wrong;
    }
    return why;
}

int dns_ecs_to_text(const uint8_t *data, size_t len, struct buf *out)
{
    if (!ecs_is_sound(data, len))
        return -EBADMSG;
    uint8_t address[16] = {0};
    unsigned family = (unsigned)data[0] << 8 | data[1];
    if (len > 4)
        memcpy(address, data + 4, len - 4);
    if (family == 0)
        buf_putc(out, '0');
    else
        dns_text_ip(out, address, family == ECS_FAMILY_IP4 ? 4 : 16);
    buf_putc(out, '/');
    buf_u64(out, data[2]);
    buf_putc(out, '/');
    buf_u64(out, data[3]);
    return 0;
}

static void text_ede(struct buf *out, const uint8_t *data, size_t len)
{
    unsigned code = (unsigned)data[0] << 8 | data[1];
    const char *text = dns_ede_text((uint16_t)code);
    buf_puts(out, "ede=");
    buf_u64(out, code);
    if (text) {
        buf_puts(out, " (");
        buf_puts(out, text);
        buf_putc(out, ')');
    }
    if (len > 2) {
        buf_putc(out, ' ');
        dns_text_quoted(out, data + 2, len - 2);
    }
}

static void text_generic(struct buf *out, const char *name, const uint8_t *data, size_t len)
{
    buf_puts(out, name);
    if (len) {
        buf_putc(out, '=');
        dns_text_hex(out, data, len);
    }
}

static void text_option(struct buf *out, unsigned code, const uint8_t *data, size_t len)
{
    char name[16];
    switch (code) {
    case OPTION_ECS:
        buf_puts(out, "ecs=");
        if (dns_ecs_to_text(data, len, out) < 0)
            dns_text_hex(out, data, len);
        return;
    case OPTION_NSID:
        text_generic(out, "nsid", data, len);
        return;
    case OPTION_COOKIE:
        text_generic(out, "cookie", data, len);
        return;
    case OPTION_KEEPALIVE:
        if (len == 2)
            buf_printf(out, "keepalive=%u", (unsigned)data[0] << 8 | data[1]);
        else
            text_generic(out, "keepalive", data, len);
        return;
    case OPTION_PADDING:
        buf_printf(out, "padding=%zu", len);
        return;
    case OPTION_EDE:
        if (len >= 2) {
            text_ede(out, data, len);
            return;
        }
        break;
    default:
        break;
    }
    snprintf(name, sizeof(name), "option%u", code);
    text_generic(out, name, data, len);
}

void dns_rdata_opt(struct rdata *x)
{
    while (rdata_left(x)) {
        unsigned code = cursor_u16(&x->c);
        uint16_t len = cursor_u16(&x->c);
        const uint8_t *data = cursor_bytes(&x->c, len);
        if (!data)
            return;
        rdata_field(x);
        if (x->out)
            text_option(x->out, code, data, len);
    }
}
