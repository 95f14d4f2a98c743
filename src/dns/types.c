/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/types.h"

#include "base/buf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct mnemonic {
    uint16_t code;
    const char *name;
};

/* IANA "Resource Record (RR) TYPEs", those with a mnemonic, in the order of their codes. 255 is
 * written "*" there and ANY everywhere else. */
static const struct mnemonic types[] = {
    {1, "A"},           {2, "NS"},        {3, "MD"},        {4, "MF"},       {5, "CNAME"},
    {6, "SOA"},         {7, "MB"},        {8, "MG"},        {9, "MR"},       {10, "NULL"},
    {11, "WKS"},        {12, "PTR"},      {13, "HINFO"},    {14, "MINFO"},   {15, "MX"},
    {16, "TXT"},        {17, "RP"},       {18, "AFSDB"},    {19, "X25"},     {20, "ISDN"},
    {21, "RT"},         {22, "NSAP"},     {23, "NSAP-PTR"}, {24, "SIG"},     {25, "KEY"},
    {26, "PX"},         {27, "GPOS"},     {28, "AAAA"},     {29, "LOC"},     {30, "NXT"},
    {31, "EID"},        {32, "NIMLOC"},   {33, "SRV"},      {34, "ATMA"},    {35, "NAPTR"},
    {36, "KX"},         {37, "CERT"},     {38, "A6"},       {39, "DNAME"},   {40, "SINK"},
    {41, "OPT"},        {42, "APL"},      {43, "DS"},       {44, "SSHFP"},   {45, "IPSECKEY"},
    {46, "RRSIG"},      {47, "NSEC"},     {48, "DNSKEY"},   {49, "DHCID"},   {50, "NSEC3"},
    {51, "NSEC3PARAM"}, {52, "TLSA"},     {53, "SMIMEA"},   {55, "HIP"},     {56, "NINFO"},
    {57, "RKEY"},       {58, "TALINK"},   {59, "CDS"},      {60, "CDNSKEY"}, {61, "OPENPGPKEY"},
    {62, "CSYNC"},      {63, "ZONEMD"},   {64, "SVCB"},     {65, "HTTPS"},   {66, "DSYNC"},
    {67, "HHIT"},       {68, "BRID"},     {99, "SPF"},      {100, "UINFO"},  {101, "UID"},
    {102, "GID"},       {103, "UNSPEC"},  {104, "NID"},     {105, "L32"},    {106, "L64"},
    {107, "LP"},        {108, "EUI48"},   {109, "EUI64"},   {128, "NXNAME"}, {249, "TKEY"},
    {250, "TSIG"},      {251, "IXFR"},    {252, "AXFR"},    {253, "MAILB"},  {254, "MAILA"},
    {255, "ANY"},       {256, "URI"},     {257, "CAA"},     {258, "AVC"},    {259, "DOA"},
    {260, "AMTRELAY"},  {261, "RESINFO"}, {262, "WALLET"},  {263, "CLA"},    {264, "IPN"},
    {32768, "TA"},      {32769, "DLV"},
};

/* IANA "DNS CLASSes"; NONE is RFC 2136's, ANY (QCLASS *) RFC 1035's. */
static const struct mnemonic classes[] = {
    {1, "IN"}, {3, "CH"}, {4, "HS"}, {254, "NONE"}, {255, "ANY"},
};

/* IANA "DNS RCODEs". 16 is BADVERS in OPT and BADSIG in TSIG, which rdata writes itself. */
static const struct mnemonic rcodes[] = {
    {0, "NOERROR"},  {1, "FORMERR"},    {2, "SERVFAIL"}, {3, "NXDOMAIN"},  {4, "NOTIMP"},
    {5, "REFUSED"},  {6, "YXDOMAIN"},   {7, "YXRRSET"},  {8, "NXRRSET"},   {9, "NOTAUTH"},
    {10, "NOTZONE"}, {11, "DSOTYPENI"}, {16, "BADVERS"}, {17, "BADKEY"},   {18, "BADTIME"},
    {19, "BADMODE"}, {20, "BADNAME"},   {21, "BADALG"},  {22, "BADTRUNC"}, {23, "BADCOOKIE"},
};

/* IANA "DNS OpCodes". */
static const struct mnemonic opcodes[] = {
    {0, "QUERY"}, {1, "IQUERY"}, {2, "STATUS"}, {4, "NOTIFY"}, {5, "UPDATE"}, {6, "DSO"},
};

/* Names people write that are not the ones printed. */
static const struct mnemonic type_aliases[] = {{255, "*"}};
static const struct mnemonic class_aliases[] = {{3, "CHAOS"}, {4, "HESIOD"}, {255, "*"}};
static const struct mnemonic rcode_aliases[] = {{16, "BADSIG"}, {4, "NOTIMPL"}};

/* IANA "Extended DNS Error Codes". */
static const char *const ede_texts[] = {
    "Other Error",
    "Unsupported DNSKEY Algorithm",
    "Unsupported DS Digest Type",
    "Stale Answer",
    "Forged Answer",
    "DNSSEC Indeterminate",
    "DNSSEC Bogus",
    "Signature Expired",
    "Signature Not Yet Valid",
    "DNSKEY Missing",
    "RRSIGs Missing",
    "No Zone Key Bit Set",
    "NSEC Missing",
    "Cached Error",
    "Not Ready",
    "Blocked",
    "Censored",
    "Filtered",
    "Prohibited",
    "Stale NXDomain Answer",
    "Not Authoritative",
    "Not Supported",
    "No Reachable Authority",
    "Network Error",
    "Invalid Data",
    "Signature Expired before Valid",
    "Too Early",
    "Unsupported NSEC3 Iterations Value",
    "Unable to conform to policy",
    "Synthesized",
    "Invalid Query Type",
    "Rate Limited",
    "Over Quota",
    "Negative Trust Anchor",
    "New Delegation Only",
    "Blocked by Upstream DNS Server",
};

static const char *find_name(const struct mnemonic *table, size_t count, unsigned code)
{
    /* Most codes in use stand at their place in a table that begins with 0 or 1. */
    for (size_t i = code ? code - 1 : 0; i <= code && i < count; i++)
        if (table[i].code == code)
            return table[i].name;
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (table[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && table[low].code == code ? table[low].name : NULL;
}

static const char *name_or_number(const char *name, const char *prefix, unsigned code,
                                  char scratch[DNS_MNEMONIC_MAX])
{
    if (name)
        return name;
    size_t n = strlen(prefix);
    memcpy(scratch, prefix, n);
    n += buf_digits(scratch + n, code);
    scratch[n] = '\0';
    return scratch;
}

const char *dns_type_name(uint16_t type, char scratch[DNS_MNEMONIC_MAX])
{
    return name_or_number(find_name(types, COUNT(types), type), "TYPE", type, scratch);
}

const char *dns_class_name(uint16_t class_, char scratch[DNS_MNEMONIC_MAX])
{
    return name_or_number(find_name(classes, COUNT(classes), class_), "CLASS", class_, scratch);
}

const char *dns_rcode_name(uint16_t rcode, char scratch[DNS_MNEMONIC_MAX])
{
    return name_or_number(find_name(rcodes, COUNT(rcodes), rcode), "RCODE", rcode, scratch);
}

const char *dns_opcode_name(uint8_t opcode, char scratch[DNS_MNEMONIC_MAX])
{
    return name_or_number(find_name(opcodes, COUNT(opcodes), opcode), "OPCODE", opcode, scratch);
}

bool dns_type_assigned(uint16_t type)
{
    return find_name(types, COUNT(types), type);
}

const char *dns_ede_text(uint16_t code)
{
    return code < COUNT(ede_texts) ? ede_texts[code] : NULL;
}

static int find_code(const struct mnemonic *table, size_t count, const char *text, size_t len)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(table[i].name) == len && strncasecmp(table[i].name, text, len) == 0)
            return table[i].code;
    return -EINVAL;
}

/* "TYPE65280" with the prefix given: its number when there is nothing but digits behind it. */
static int parse_number(const char *prefix, size_t prefix_len, const char *text, size_t len,
                        int max)
{
    if (len <= prefix_len || strncasecmp(prefix, text, prefix_len) != 0)
        return -EINVAL;
    int value = 0;
    for (size_t i = prefix_len; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -EINVAL;
        value = value * 10 + (text[i] - '0');
        if (value > max)
            return -EINVAL;
    }
    return value;
}

int dns_type_from_name(const char *text, size_t len)
{
    int code = find_code(types, COUNT(types), text, len);
    if (code < 0)
        code = find_code(type_aliases, COUNT(type_aliases), text, len);
    return code >= 0 ? code : parse_number("TYPE", 4, text, len, UINT16_MAX);
}

int dns_class_from_name(const char *text, size_t len)
{
    int code = find_code(classes, COUNT(classes), text, len);
    if (code < 0)
        code = find_code(class_aliases, COUNT(class_aliases), text, len);
    return code >= 0 ? code : parse_number("CLASS", 5, text, len, UINT16_MAX);
}

int dns_rcode_from_name(const char *text, size_t len)
{
    int code = find_code(rcodes, COUNT(rcodes), text, len);
    if (code < 0)
        code = find_code(rcode_aliases, COUNT(rcode_aliases), text, len);
    return code >= 0 ? code : parse_number("RCODE", 5, text, len, UINT16_MAX);
}

int dns_opcode_from_name(const char *text, size_t len)
{
    int code = find_code(opcodes, COUNT(opcodes), text, len);
    return code >= 0 ? code : parse_number("OPCODE", 6, text, len, 15);
}

const char *dns_type_at(size_t i)
{
    return i < COUNT(types) ? types[i].name : NULL;
}

const char *dns_rcode_at(size_t i)
{
    return i < COUNT(rcodes) ? rcodes[i].name : NULL;
}
