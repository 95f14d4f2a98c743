/* SPDX-License-Identifier: Apache-2.0 */
/* Record data with a form of its own that is seldom met. */
#include "dns/rdata.h"

/* RFC 1876 2: the high four bits times ten to the power of the low four, in centimetres. */
static bool loc_size_cm(uint8_t b, uint64_t *cm)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,      10000,
                                      100000, 1000000, 10000000, 100000000, 1000000000};
    if (b >> 4 > 9 || (b & 15) > 9)
        return false;
    *cm = (b >> 4) * powers[b & 15];
    return true;
}

/* An angle in thousandths of a second of arc, 2^31 being zero. */
static bool loc_angle(struct rdata *x, uint32_t value, uint32_t max_degrees, char plus, char minus)
{
    int64_t angle = (int64_t)value - ((int64_t)1 << 31);
    uint64_t a = (uint64_t)(angle < 0 ? -angle : angle);
    if (a > max_degrees * 3600000ULL)
        return false;
    rdata_field(x);
    if (x->out)
        buf_printf(x->out, "%u %u %u.%03u %c", (unsigned)(a / 3600000), (unsigned)(a / 60000 % 60),
                   (unsigned)(a / 1000 % 60), (unsigned)(a % 1000), angle < 0 ? minus : plus);
    return true;
}

/* Whole metres of a size go without decimals, as dig has them; those of the altitude never do. */
static void loc_metres(struct rdata *x, int64_t cm, bool is_size)
{
    rdata_field(x);
    if (!x->out)
        return;
    uint64_t a = (uint64_t)(cm < 0 ? -cm : cm);
    buf_puts(x->out, cm < 0 ? "-" : "");
    buf_u64(x->out, a / 100);
    if (!is_size || a < 100 || a % 100)
        buf_printf(x->out, ".%02u", (unsigned)(a % 100));
    buf_putc(x->out, 'm');
}

void dns_rdata_loc(struct rdata *x)
{
    uint64_t size = 0, horizontal = 0, vertical = 0;
    bool sound = cursor_u8(&x->c) == 0; /* the only version there is */
    sound &= loc_size_cm(cursor_u8(&x->c), &size);
    sound &= loc_size_cm(cursor_u8(&x->c), &horizontal);
    sound &= loc_size_cm(cursor_u8(&x->c), &vertical);
    sound &= loc_angle(x, cursor_u32(&x->c), 90, 'N', 'S');
    sound &= loc_angle(x, cursor_u32(&x->c), 180, 'E', 'W');
    /* The base of the altitude is 100 km below the reference spheroid. */
    loc_metres(x, (int64_t)cursor_u32(&x->c) - 10000000, false);
    loc_metres(x, (int64_t)size, true);
    loc_metres(x, (int64_t)horizontal, true);
    loc_metres(x, (int64_t)vertical, true);
    if (!sound)
        x->c.failed = true;
}

/* RFC 3123 4: trailing zero octets of the address are not sent. */
void dns_rdata_apl(struct rdata *x)
{
    while (rdata_left(x)) {
        unsigned family = cursor_u16(&x->c);
        unsigned prefix = cursor_u8(&x->c);
        unsigned negated_len = cursor_u8(&x->c);
        size_t len = negated_len & 0x7f, size = family == 1 ? 4 : 16;
        const uint8_t *part = cursor_bytes(&x->c, len);
        if (!part || family < 1 || family > 2 || len > size || prefix > size * 8) {
            x->c.failed = true;
            return;
        }
        rdata_field(x);
        if (!x->out)
            continue;
        uint8_t address[16] = {0};
        if (len)
            memcpy(address, part, len);
        buf_printf(x->out, negated_len & 0x80 ? "!%u:" : "%u:", family);
        dns_text_ip(x->out, address, size);
        buf_printf(x->out, "/%u", prefix);
    }
}

/* RFC 1035 3.4.2. */
void dns_rdata_wks(struct rdata *x)
{
    dns_rdata_ip4(x);
    dns_rdata_number(x, cursor_u8(&x->c));
    size_t len = rdata_left(x);
    const uint8_t *bits = cursor_bytes(&x->c, len);
    if (!bits || len > 65536 / 8) {
        x->c.failed = true;
        return;
    }
    for (size_t port = 0; x->out && port < len * 8; port++)
        if (bits[port / 8] & 0x80 >> port % 8)
            dns_rdata_number(x, port);
}

/* The gateway of RFC 4025 2.3 and the relay of RFC 8777 4.2.3: none, an address or a name. */
static void read_gateway(struct rdata *x, unsigned type)
{
    switch (type) {
    case 0:
        rdata_field(x);
        if (x->out)
            buf_putc(x->out, '.');
        break;
    case 1:
        dns_rdata_ip4(x);
        break;
    case 2:
        dns_rdata_ip6(x);
        break;
    case 3:
        dns_rdata_name(x);
        break;
    default:
        x->c.failed = true;
        break;
    }
}

void dns_rdata_ipseckey(struct rdata *x)
{
    dns_rdata_number(x, cursor_u8(&x->c));
    unsigned type = cursor_u8(&x->c);
    dns_rdata_number(x, type);
    dns_rdata_number(x, cursor_u8(&x->c));
    read_gateway(x, type);
    dns_rdata_base64(x, rdata_left(x));
}

void dns_rdata_amtrelay(struct rdata *x)
{
    dns_rdata_number(x, cursor_u8(&x->c));
    unsigned type = cursor_u8(&x->c);
    dns_rdata_number(x, type >> 7); /* discovery is optional */
    dns_rdata_number(x, type & 0x7f);
    read_gateway(x, type & 0x7f);
}

/* RFC 8005 5: two lengths and the algorithm stand first on the wire. */
void dns_rdata_hip(struct rdata *x)
{
    size_t hit_len = cursor_u8(&x->c);
    dns_rdata_number(x, cursor_u8(&x->c));
    size_t key_len = cursor_u16(&x->c);
    if (hit_len == 0 || key_len == 0) {
        x->c.failed = true;
        return;
    }
    dns_rdata_hex(x, hit_len);
    dns_rdata_base64(x, key_len);
    while (rdata_left(x))
        dns_rdata_name(x);
}
