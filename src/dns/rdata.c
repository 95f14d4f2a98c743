/* SPDX-License-Identifier: Apache-2.0 */
/* Record data by shape: each type is a short string with one letter a field, read by one loop that
 * both checks the data and writes its text. */
#include "dns/rdata.h"

#include "base/inet.h"
#include "dns/name.h"
#include "dns/types.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

enum {
    TYPE_TA = 32768,
    TYPE_DLV = 32769,
    CLASS_CH = 3,
    CLASS_NONE = 254,
    CLASS_ANY = 255,
    RCODE_BADSIG = 16,
};

struct shape {
    const char *fields;
    const char *malformed;
};

/* clang-format off */
#define TYPE(code, name, shape) [code] = {shape, "rdata: " name " does not parse"}
#define TYPE_SIZED(code, name, shape, size) [code] = {shape, "rdata: " name " is not " size " bytes"}

/* The letters are explained at read_field. Types not listed are opaque. */
static const struct shape shapes[] = {
    TYPE_SIZED(1, "A", "i", "4"),
    TYPE(2, "NS", "n"),
    TYPE(3, "MD", "n"),
    TYPE(4, "MF", "n"),
    TYPE(5, "CNAME", "n"),
    TYPE(6, "SOA", "nnwwwww"),
    TYPE(7, "MB", "n"),
    TYPE(8, "MG", "n"),
    TYPE(9, "MR", "n"),
    TYPE(11, "WKS", "W"),
    TYPE(12, "PTR", "n"),
    TYPE(13, "HINFO", "ss"),
    TYPE(14, "MINFO", "nn"),
    TYPE(15, "MX", "hn"),
    TYPE(16, "TXT", "S"),
    TYPE(17, "RP", "nn"),
    TYPE(18, "AFSDB", "hn"),
    TYPE(19, "X25", "s"),
    TYPE(20, "ISDN", "sz"),
    TYPE(21, "RT", "hn"),
    TYPE(22, "NSAP", "X"),
    TYPE(23, "NSAP-PTR", "n"),
    TYPE(24, "SIG", "tbbwddhnm"),
    TYPE(25, "KEY", "hbbm"),
    TYPE(26, "PX", "hnn"),
    TYPE(27, "GPOS", "sss"),
    TYPE_SIZED(28, "AAAA", "I", "16"),
    TYPE(29, "LOC", "L"),
    TYPE(31, "EID", "x"),
    TYPE(32, "NIMLOC", "x"),
    TYPE(33, "SRV", "hhhn"),
    TYPE(35, "NAPTR", "hhsssn"),
    TYPE(36, "KX", "hn"),
    TYPE(37, "CERT", "Chbm"),
    TYPE(39, "DNAME", "n"),
    TYPE(40, "SINK", "bbbm"),
    TYPE(41, "OPT", "O"),
    TYPE(42, "APL", "A"),
    TYPE(43, "DS", "hbbx"),
    TYPE(44, "SSHFP", "bbx"),
    TYPE(45, "IPSECKEY", "G"),
    TYPE(46, "RRSIG", "tbbwddhnm"),
    TYPE(47, "NSEC", "nT"),
    TYPE(48, "DNSKEY", "hbbm"),
    TYPE(49, "DHCID", "B"),
    TYPE(50, "NSEC3", "bbhleT"),
    TYPE(51, "NSEC3PARAM", "bbhl"),
    TYPE(52, "TLSA", "bbbx"),
    TYPE(53, "SMIMEA", "bbbx"),
    TYPE(55, "HIP", "H"),
    TYPE(56, "NINFO", "S"),
    TYPE(57, "RKEY", "hbbm"),
    TYPE(58, "TALINK", "nn"),
    TYPE(59, "CDS", "hbbx"),
    TYPE(60, "CDNSKEY", "hbbm"),
    TYPE(61, "OPENPGPKEY", "B"),
    TYPE(62, "CSYNC", "whT"),
    TYPE(63, "ZONEMD", "wbbx"),
    TYPE(64, "SVCB", "hnP"),
    TYPE(65, "HTTPS", "hnP"),
    TYPE(66, "DSYNC", "tDhn"),
    TYPE(67, "HHIT", "B"),
    TYPE(68, "BRID", "B"),
    TYPE(99, "SPF", "S"),
    TYPE(104, "NID", "hN"),
    TYPE(105, "L32", "hi"),
    TYPE(106, "L64", "hN"),
    TYPE(107, "LP", "hn"),
    TYPE_SIZED(108, "EUI48", "6", "6"),
    TYPE_SIZED(109, "EUI64", "8", "8"),
    TYPE(249, "TKEY", "nwwhEMM"),
    TYPE(250, "TSIG", "nqhMhEM"),
    TYPE(256, "URI", "hhr"),
    TYPE(257, "CAA", "bcr"),
    TYPE(258, "AVC", "S"),
    TYPE(259, "DOA", "wwbsm"),
    TYPE(260, "AMTRELAY", "R"),
    TYPE(261, "RESINFO", "S"),
    TYPE(262, "WALLET", "S"),
    TYPE(263, "CLA", "S"),
    TYPE_SIZED(264, "IPN", "Q", "8"),
};
static const struct shape shape_ta = {"hbbx", "rdata: TA does not parse"};
static const struct shape shape_dlv = {"hbbx", "rdata: DLV does not parse"};
/* RFC 1035 3.4.1 is IN's; Chaosnet has a domain and an octal address. */
static const struct shape shape_chaos_a = {"no", "rdata: A does not parse"};
/* clang-format on */

static const struct shape *shape_of(unsigned type, unsigned class_)
{
    if (type == DNS_TYPE_A && class_ == CLASS_CH)
        return &shape_chaos_a;
    if (type < sizeof(shapes) / sizeof(shapes[0]))
        return &shapes[type];
    if (type == TYPE_TA)
        return &shape_ta;
    return type == TYPE_DLV ? &shape_dlv : NULL;
}

void dns_rdata_number(struct rdata *x, uint64_t value)
{
    rdata_field(x);
    if (x->out)
        buf_u64(x->out, value);
}

/* With the trailing dot: record data is zone file syntax, where a name without one is relative. */
void dns_rdata_name(struct rdata *x)
{
    rdata_field(x);
    size_t next;
    if (x->c.failed)
        return;
    if (!x->out) {
        x->c.failed = dns_name_check(x->c.data, x->c.len, x->c.pos, &next) < 0;
    } else {
        uint8_t wire[DNS_NAME_WIRE_MAX];
        char text[DNS_NAME_TEXT_MAX];
        int n = dns_name_read(x->c.data, x->c.len, x->c.pos, wire, &next);
        x->c.failed = n < 0;
        if (n > 0)
            buf_put(x->out, text, dns_name_to_text(wire, (size_t)n, text));
        if (n > 1)
            buf_putc(x->out, '.');
    }
    if (!x->c.failed)
        x->c.pos = next;
}

static void read_ip(struct rdata *x, size_t len)
{
    const uint8_t *bytes = cursor_bytes(&x->c, len);
    rdata_field(x);
    if (x->out && bytes)
        dns_text_ip(x->out, bytes, len);
}

void dns_rdata_ip4(struct rdata *x)
{
    read_ip(x, 4);
}

void dns_rdata_ip6(struct rdata *x)
{
    read_ip(x, 16);
}

static void read_string(struct rdata *x)
{
    size_t len = cursor_u8(&x->c);
    const uint8_t *data = cursor_bytes(&x->c, len);
    rdata_field(x);
    if (x->out && data)
        dns_text_quoted(x->out, data, len);
}

static void read_strings(struct rdata *x)
{
    do {
        read_string(x);
    } while (rdata_left(x));
}

static void read_rest_quoted(struct rdata *x)
{
    size_t len = rdata_left(x);
    const uint8_t *data = cursor_bytes(&x->c, len);
    rdata_field(x);
    if (x->out && data)
        dns_text_quoted(x->out, data, len);
}

/* RFC 8659 4.1: a tag is letters and digits, at least one. */
static void read_caa_tag(struct rdata *x)
{
    size_t len = cursor_u8(&x->c);
    const uint8_t *tag = cursor_bytes(&x->c, len);
    if (!tag || len == 0) {
        x->c.failed = true;
        return;
    }
    for (size_t i = 0; i < len; i++) {
        uint8_t letter = tag[i] | 0x20;
        if (!(letter >= 'a' && letter <= 'z') && !(tag[i] >= '0' && tag[i] <= '9'))
            x->c.failed = true;
    }
    rdata_field(x);
    if (x->out && !x->c.failed)
        buf_put(x->out, tag, len);
}

void dns_rdata_hex(struct rdata *x, size_t len)
{
    const uint8_t *data = cursor_bytes(&x->c, len);
    rdata_field(x);
    if (x->out && data)
        dns_text_hex(x->out, data, len);
}

/* An empty field is left out together with its space. */
void dns_rdata_base64(struct rdata *x, size_t len)
{
    const uint8_t *data = cursor_bytes(&x->c, len);
    if (!data || len == 0)
        return;
    rdata_field(x);
    if (x->out)
        dns_text_base64(x->out, data, len);
}

static void read_rest_hex(struct rdata *x)
{
    if (rdata_left(x) == 0)
        x->c.failed = true;
    else
        dns_rdata_hex(x, rdata_left(x));
}

static void read_nsap(struct rdata *x)
{
    size_t len = rdata_left(x);
    const uint8_t *data = cursor_bytes(&x->c, len);
    rdata_field(x);
    if (len == 0)
        x->c.failed = true;
    if (!x->out || !data)
        return;
    buf_puts(x->out, "0x");
    buf_hex(x->out, data, len);
}

static void read_salt(struct rdata *x)
{
    size_t len = cursor_u8(&x->c);
    if (len) {
        dns_rdata_hex(x, len);
        return;
    }
    rdata_field(x);
    if (x->out)
        buf_putc(x->out, '-');
}

/* A hashed owner name, RFC 5155 3.3: base32 with the extended hex alphabet, no padding. */
static void read_hash(struct rdata *x)
{
    static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
    size_t len = cursor_u8(&x->c);
    const uint8_t *data = cursor_bytes(&x->c, len);
    rdata_field(x);
    if (len == 0)
        x->c.failed = true;
    if (!x->out || !data)
        return;
    unsigned bits = 0, have = 0;
    for (size_t i = 0; i < len; i++) {
        bits = bits << 8 | data[i];
        for (have += 8; have >= 5; have -= 5)
            buf_putc(x->out, digits[bits >> (have - 5) & 31]);
    }
    if (have)
        buf_putc(x->out, digits[bits << (5 - have) & 31]);
}

/* TSIG and TKEY: sixteen bits of length, written too (as dig does). */
static void read_sized_base64(struct rdata *x)
{
    size_t len = cursor_u16(&x->c);
    dns_rdata_number(x, len);
    dns_rdata_base64(x, len);
}

static void read_word(struct rdata *x, const char *word)
{
    rdata_field(x);
    if (x->out)
        buf_puts(x->out, word);
}

static void read_type(struct rdata *x)
{
    char scratch[DNS_MNEMONIC_MAX];
    read_word(x, dns_type_name(cursor_u16(&x->c), scratch));
}

static void read_error(struct rdata *x)
{
    char scratch[DNS_MNEMONIC_MAX];
    uint16_t code = cursor_u16(&x->c);
    read_word(x, code == RCODE_BADSIG ? "BADSIG" : dns_rcode_name(code, scratch));
}

/* RFC 4034 4.1.2: windows in increasing order, each with 1 to 32 octets of bits. */
static void read_bitmap(struct rdata *x)
{
    char scratch[DNS_MNEMONIC_MAX];
    int last = -1;
    while (rdata_left(x)) {
        int window = cursor_u8(&x->c);
        size_t len = cursor_u8(&x->c);
        const uint8_t *bits = cursor_bytes(&x->c, len);
        if (!bits || window <= last || len == 0 || len > 32) {
            x->c.failed = true;
            return;
        }
        last = window;
        for (size_t bit = 0; x->out && bit < len * 8; bit++)
            if (bits[bit / 8] & 0x80 >> bit % 8)
                read_word(x, dns_type_name((uint16_t)((unsigned)window << 8 | bit), scratch));
    }
}

static void read_date(struct rdata *x)
{
    time_t t = cursor_u32(&x->c);
    struct tm tm;
    rdata_field(x);
    if (x->out && gmtime_r(&t, &tm))
        buf_printf(x->out, "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
                   tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/* RFC 4398 2.1. */
static void read_cert_type(struct rdata *x)
{
    static const char *const names[] = {NULL,    "PKIX", "SPKI",   "PGP",    "IPKIX",
                                        "ISPKI", "IPGP", "ACPKIX", "IACPKIX"};
    unsigned type = cursor_u16(&x->c);
    if (type == 253 || type == 254)
        read_word(x, type == 253 ? "URI" : "OID");
    else if (type && type < sizeof(names) / sizeof(names[0]))
        read_word(x, names[type]);
    else
        dns_rdata_number(x, type);
}

/* RFC 9859 2.2: the only scheme with a mnemonic. */
static void read_dsync_scheme(struct rdata *x)
{
    unsigned scheme = cursor_u8(&x->c);
    if (scheme == 1)
        read_word(x, "NOTIFY");
    else
        dns_rdata_number(x, scheme);
}

/* RFC 6742: 64 bits in four groups of hexadecimal digits. */
static void read_groups64(struct rdata *x)
{
    rdata_field(x);
    for (int i = 0; i < 4; i++) {
        unsigned group = cursor_u16(&x->c);
        if (x->out)
            buf_printf(x->out, i ? ":%x" : "%x", group);
    }
}

/* RFC 7043: octets with dashes. */
static void read_eui(struct rdata *x, size_t len)
{
    rdata_field(x);
    for (size_t i = 0; i < len; i++) {
        unsigned octet = cursor_u8(&x->c);
        if (x->out)
            buf_printf(x->out, i ? "-%02x" : "%02x", octet);
    }
}

static void read_octal(struct rdata *x)
{
    unsigned value = cursor_u16(&x->c);
    rdata_field(x);
    if (x->out)
        buf_printf(x->out, "%o", value);
}

static void read_u64(struct rdata *x)
{
    uint64_t high = cursor_u32(&x->c);
    dns_rdata_number(x, high << 32 | cursor_u32(&x->c));
}

static void read_plain_field(struct rdata *x, char letter)
{
    switch (letter) {
    case 'b': /* 8 bits */
        dns_rdata_number(x, cursor_u8(&x->c));
        break;
    case 'h': /* 16 bits */
        dns_rdata_number(x, cursor_u16(&x->c));
        break;
    case 'w': /* 32 bits */
        dns_rdata_number(x, cursor_u32(&x->c));
        break;
    case 'q': /* 48 bits */
        dns_rdata_number(x, cursor_u48(&x->c));
        break;
    case 'Q': /* 64 bits */
        read_u64(x);
        break;
    case 'o': /* 16 bits in octal */
        read_octal(x);
        break;
    case 'n': /* domain name */
        dns_rdata_name(x);
        break;
    case 'i': /* IPv4 address */
        dns_rdata_ip4(x);
        break;
    case 'I': /* IPv6 address */
        dns_rdata_ip6(x);
        break;
    case 's': /* character-string */
        read_string(x);
        break;
    case 'z': /* character-string that may be absent */
        if (rdata_left(x))
            read_string(x);
        break;
    case 'S': /* character-strings to the end, at least one */
        read_strings(x);
        break;
    case 'r': /* text to the end */
        read_rest_quoted(x);
        break;
    case 'x': /* hex to the end, at least one octet */
        read_rest_hex(x);
        break;
    case 'B': /* base64 to the end, at least one octet */
        if (rdata_left(x) == 0)
            x->c.failed = true;
        dns_rdata_base64(x, rdata_left(x));
        break;
    case 'm': /* base64 to the end */
        dns_rdata_base64(x, rdata_left(x));
        break;
    default:
        x->c.failed = true;
        break;
    }
}

static void read_field(struct rdata *x, char letter)
{
    switch (letter) {
    case 'l': /* hex after 8 bits of length, "-" when empty */
        read_salt(x);
        break;
    case 'e': /* base32hex after 8 bits of length */
        read_hash(x);
        break;
    case 'M': /* base64 after 16 bits of length */
        read_sized_base64(x);
        break;
    case 'X': /* NSAP */
        read_nsap(x);
        break;
    case 'c': /* CAA tag */
        read_caa_tag(x);
        break;
    case 't': /* RR type */
        read_type(x);
        break;
    case 'T': /* bitmap of RR types to the end */
        read_bitmap(x);
        break;
    case 'E': /* TSIG error */
        read_error(x);
        break;
    case 'd': /* seconds since the epoch as a date */
        read_date(x);
        break;
    case 'C': /* certificate type */
        read_cert_type(x);
        break;
    case 'D': /* DSYNC scheme */
        read_dsync_scheme(x);
        break;
    case 'N': /* node identifier, locator */
        read_groups64(x);
        break;
    case '6':
    case '8': /* EUI */
        read_eui(x, (size_t)(letter - '0'));
        break;
    case 'P':
        dns_rdata_svcparams(x);
        break;
    case 'L':
        dns_rdata_loc(x);
        break;
    case 'O':
        dns_rdata_opt(x);
        break;
    case 'A':
        dns_rdata_apl(x);
        break;
    case 'W':
        dns_rdata_wks(x);
        break;
    case 'G':
        dns_rdata_ipseckey(x);
        break;
    case 'R':
        dns_rdata_amtrelay(x);
        break;
    case 'H':
        dns_rdata_hip(x);
        break;
    default:
        read_plain_field(x, letter);
        break;
    }
}

/* False when the data does not fit the shape, or goes on after it. */
static bool read_shape(struct rdata *x, const char *fields)
{
    for (; *fields && !x->c.failed; fields++)
        read_field(x, *fields);
    return !x->c.failed && cursor_left(&x->c) == 0;
}

static struct rdata rdata_of(const uint8_t *wire, size_t pos, size_t len, struct buf *out)
{
    return (struct rdata){.c = {.data = wire, .len = pos + len, .pos = pos}, .out = out};
}

/* RFC 2136 2.4 and 2.5: prerequisites and deletions have no data whatever their type is. */
static bool is_empty_update(size_t len, unsigned class_)
{
    return len == 0 && (class_ == CLASS_ANY || class_ == CLASS_NONE);
}

const char *dns_rdata_check(const uint8_t *wire, size_t pos, size_t len, uint16_t type,
                            uint16_t class_)
{
    const struct shape *shape = shape_of(type, class_);
    if (!shape || !shape->fields || is_empty_update(len, class_))
        return NULL;
    struct rdata x = rdata_of(wire, pos, len, NULL);
    return read_shape(&x, shape->fields) ? NULL : shape->malformed;
}

int dns_rdata_to_text(const struct dns_message *m, const struct dns_rr *rr, struct buf *out)
{
    const struct shape *shape = shape_of(rr->type, rr->class_);
    bool opaque = !shape || !shape->fields || is_empty_update(rr->rdata_len, rr->class_);
    if (!opaque) {
        size_t start = out->len;
        struct rdata x = rdata_of(m->wire, rr->rdata_pos, rr->rdata_len, out);
        if (read_shape(&x, shape->fields))
            return 0;
        out->len = start;
    }
    buf_puts(out, "\\# ");
    buf_u64(out, rr->rdata_len);
    if (rr->rdata_len) {
        buf_putc(out, ' ');
        dns_text_hex(out, m->wire + rr->rdata_pos, rr->rdata_len);
    }
    return opaque ? 0 : -EBADMSG;
}
