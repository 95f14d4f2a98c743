/* SPDX-License-Identifier: Apache-2.0 */
/* The texts were compared with those of BIND (named-rrchecker) and dnspython. What differs from dig
 * on purpose: long hex and base64 are not split by spaces, and the algorithm of CERT is a number.
 */
#include "dns/message.h"
#include "dns/rdata.h"

#include "wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const struct {
    unsigned type;
    const char *hex;
    const char *text;
} sound[] = {
    {1, "c0000201", "192.0.2.1"},
    {1, "ffffffff", "255.255.255.255"},
    {28, "20010db8000000000000000000000001", "2001:db8::1"},
    {28, "00000000000000000000ffffc0000201", "::ffff:192.0.2.1"},
    {28, "00000000000000000000000000000000", "::"},
    {2, "036e7331076578616d706c6503636f6d00", "ns1.example.com."},
    {2, "00", "."},
    {5, "03612e6208657820616d706c6503636f6d00", "a\\.b.ex\\032ample.com."},
    {6,
     "026e73076578616d706c6503636f6d000b686f73742e6d6173746572076578616d706c6503636f6d0078a3f175000"
     "01c2000000e10001275000000012c",
     "ns.example.com. host\\.master.example.com. 2024010101 7200 3600 1209600 300"},
    {12, "04686f7374076578616d706c6500", "host.example."},
    {7, "016d076578616d706c6500", "m.example."},
    {8, "016d076578616d706c6500", "m.example."},
    {9, "016d076578616d706c6500", "m.example."},
    {14, "0161076578616d706c65000162076578616d706c6500", "a.example. b.example."},
    {13, "09494e54454c20227822074c696e757800ff", "\"INTEL \\\"x\\\"\" \"Linux\\000\\255\""},
    {15, "000a046d61696c076578616d706c6503636f6d00", "10 mail.example.com."},
    {15, "000000", "0 ."},
    {16, "0b763d73706631202d616c6c", "\"v=spf1 -all\""},
    {16, "0003615c6205c3a43b2078", "\"\" \"a\\\\b\" \"\\195\\164; x\""},
    {99, "0b763d73706631207e616c6c", "\"v=spf1 ~all\""},
    {17, "0161076578616d706c65000162076578616d706c6500", "a.example. b.example."},
    {18, "000103616673076578616d706c6500", "1 afs.example."},
    {19, "0c333131303631373030393536", "\"311061700956\""},
    {20, "0f31353038363230323830303332313703303034", "\"150862028003217\" \"004\""},
    {20, "0f313530383632303238303033323137", "\"150862028003217\""},
    {21, "000a0172076578616d706c6500", "10 r.example."},
    {22, "47000580005a0000000001e133ffffff00016100", "0x47000580005a0000000001e133ffffff00016100"},
    {23, "0178076578616d706c6500", "x.example."},
    {26, "000a0161076578616d706c65000162076578616d706c6500", "10 a.example. b.example."},
    {27, "082d33322e36383832083131362e383635320431302e30", "\"-32.6882\" \"116.8652\" \"10.0\""},
    {29, "000016138b3cf018810cbce0009895b8",
     "52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m"},
    {29, "0033161389172dd070be15f000988d20", "42 21 54.000 N 71 6 18.000 W -24.00m 30m 10000m 10m"},
    {29, "001091997fffffff59604e01ffffffff",
     "0 0 0.001 S 179 59 59.999 W 42849672.95m 0.01m 0.90m 90000000m"},
    {33, "0000000513c403736970076578616d706c6503636f6d00", "0 5 5060 sip.example.com."},
    {35,
     "0064000a0153075349502b4432550e215e2e2a24217369703a61406221045f736970045f756470076578616d706c6"
     "503636f6d00",
     "100 10 \"S\" \"SIP+D2U\" \"!^.*$!sip:a@b!\" _sip._udp.example.com."},
    {36, "000a026b78076578616d706c6500", "10 kx.example."},
    {37, "000100010801020304", "PKIX 1 8 AQIDBA=="},
    {37, "fffe00010801020304", "65534 1 8 AQIDBA=="},
    {39, "0164076578616d706c6500", "d.example."},
    {42, "00011503c0a82000011c83c0a8260002200420010db800010000",
     "1:192.168.32.0/21 !1:192.168.38.0/28 2:2001:db8::/32 1:0.0.0.0/0"},
    {43, "09430d02c988ec423e3880eb8dd8a46fe06ca230ee23f35b578d64e78b29c3e1c83d245a",
     "2371 13 2 C988EC423E3880EB8DD8A46FE06CA230EE23F35B578D64E78B29C3E1C83D245A"},
    {59, "0000000000", "0 0 0 00"},
    {44, "0402123456789abcdef67890123456789abcdef67890123456789abcdef123456789a0",
     "4 2 123456789ABCDEF67890123456789ABCDEF67890123456789ABCDEF123456789A0"},
    {45, "0a0102c0000226010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521af82ab7801",
     "10 1 2 192.0.2.38 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="},
    {45, "0a0002010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0521af82ab7801",
     "10 0 2 . AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="},
    {45,
     "0a0302046d796777076578616d706c6503636f6d00010351537986ed35533b6064478eeeb27b5bd74dae149b6e81b"
     "a3a0521af82ab7801",
     "10 3 2 mygw.example.com. AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="},
    {45,
     "0a020220010db8000000000000000000000001010351537986ed35533b6064478eeeb27b5bd74dae149b6e81ba3a0"
     "521af82ab7801",
     "10 2 2 2001:db8::1 AQNRU3mG7TVTO2BkR47usntb102uFJtugbo6BSGvgqt4AQ=="},
    {46,
     "0001080200000e1065badf00659200803039076578616d706c6503636f6d000102030405060708090a0b0c0d0e0f1"
     "01112131415161718191a1b1c1d1e1f20",
     "A 8 2 3600 20240201000000 20240101000000 12345 example.com. "
     "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="},
    {46, "ff00080200000e1000000000ffffffff30390001020304",
     "TYPE65280 8 2 3600 19700101000000 21060207062815 12345 . AQIDBA=="},
    {47, "0162076578616d706c6500000762018000000380010140ff0180",
     "b.example. A NS SOA MX TXT RRSIG NSEC DNSKEY CAA TYPE65280"},
    {47, "0100076578616d706c6500000104", "\\000.example. CNAME"},
    {50, "0100000a04aabbccdd14174eb2409fe28bcb4887a1836f957f0a8425e27b0006400000000002",
     "1 0 10 AABBCCDD 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR A RRSIG"},
    {50, "010100000014174eb2409fe28bcb4887a1836f957f0a8425e27b",
     "1 1 0 - 2T7B4G4VSA5SMI47K61MV5BV1A22BOJR"},
    {51, "0100000000", "1 0 0 -"},
    {51, "0100000502abcd", "1 0 5 ABCD"},
    {48,
     "0101030d99db2cc14cabdc33d6d77da63a2f15f71112584f234e8d1dc428e39e8a4a97e1aa271a555dc90701e17e2"
     "a4c4b6f120b7c32d44f4ac02bd894cf2d4be7778a19",
     "257 3 13 "
     "mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ=="},
    {60, "0000030000", "0 3 0 AA=="},
    {25, "0200030101020304", "512 3 1 AQIDBA=="},
    {49, "000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40",
     "AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA="},
    {52, "0301010b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3",
     "3 1 1 0B9FA5A59EED715C26C1020C711B4F6EC42D58B0015E14337A39DAD301C5AFC3"},
    {53, "0301010b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3",
     "3 1 1 0B9FA5A59EED715C26C1020C711B4F6EC42D58B0015E14337A39DAD301C5AFC3"},
    {55,
     "10020084200100107b1a74df365639cc39f1d57803010001b771ca136e4aeb5ce44333c53b3d2c13c22243851fc70"
     "8bcce29f7e2eb5787b5f56ccad34f8223acc10904ddb56b2ec4a6d6232f3b50ea094f0914b3b941bbe529af582c36"
     "bbadefdaf2adaf9b4911906f5b2522603c615272b880ec8fb930cc6ee39c444daa75b1678f005a4b2499d1da5433f"
     "805c7a5ad3237acc5dd5c5e430472767331076578616d706c6503636f6d000472767332076578616d706c6503636f"
     "6d00",
     "2 200100107B1A74DF365639CC39F1D578 "
     "AwEAAbdxyhNuSutc5EMzxTs9LBPCIkOFH8cIvM4p9+LrV4e19WzK00+CI6zBCQTdtWsuxKbWIy87UOoJTwkUs7lBu+"
     "Upr1gsNrut79ryra+bSRGQb1slImA8YVJyuIDsj7kwzG7jnERNqnWxZ48AWkskmdHaVDP4BcelrTI3rMXdXF5D "
     "rvs1.example.com. rvs2.example.com."},
    {56, "01780179", "\"x\" \"y\""},
    {58, "0161076578616d706c65000162076578616d706c6500", "a.example. b.example."},
    {61, "0102030405", "AQIDBAU="},
    {62, "000000420003000460000008", "66 3 A NS AAAA"},
    {63,
     "7848b78c0101febe3d4ce2ec2ffa4ba99d46cd69d6d29711e55217057bee7eb1a7b641a47ba7fed2dd5b97ae499fa"
     "fa4f22c6bd647de",
     "2018031500 1 1 "
     "FEBE3D4CE2EC2FFA4BA99D46CD69D6D29711E55217057BEE7EB1A7B641A47BA7FED2DD5B97AE499FAFA4F22C6BD64"
     "7DE"},
    {104, "000a00144fffff20ee64", "10 14:4fff:ff20:ee64"},
    {105, "000a0a010200", "10 10.1.2.0"},
    {106, "000a20010db811401000", "10 2001:db8:1140:1000"},
    {107, "000a0a6c36342d7375626e6574076578616d706c6500", "10 l64-subnet.example."},
    {108, "00005e00532a", "00-00-5e-00-53-2a"},
    {109, "00005eef1000002a", "00-00-5e-ef-10-00-00-2a"},
    {256, "000a00016674703a2f2f667470312e6578616d706c652e636f6d2f7075626c6963",
     "10 1 \"ftp://ftp1.example.com/public\""},
    {257,
     "000569737375656c657473656e63727970742e6f72673b2076616c69646174696f6e6d6574686f64733d646e732d3"
     "031",
     "0 issue \"letsencrypt.org; validationmethods=dns-01\""},
    {257, "8003746273", "128 tbs \"\""},
    {258, "1f6170702d6e616d653a574f4c4647414e477c6170702d636c6173733a4f414d",
     "\"app-name:WOLFGANG|app-class:OAM\""},
    {259, "499602d2499602d20109696d6167652f67696647494638396128001900",
     "1234567890 1234567890 1 \"image/gif\" R0lGODlhKAAZAA=="},
    {260, "0001cb00710f", "0 0 1 203.0.113.15"},
    {260, "0a8309616d7472656c617973076578616d706c6503636f6d00", "10 1 3 amtrelays.example.com."},
    {260, "0a00", "10 0 0 ."},
    {260, "0a0220010db8000000000000000000000015", "10 0 2 2001:db8::15"},
    {40, "010203010203", "1 2 3 AQID"},
    {57, "00000308010203", "0 3 8 AQID"},
    {11, "0a000001060000004000000400000080", "10.0.0.1 6 25 53 80"},
    {64, "000003666f6f076578616d706c6503636f6d00", "0 foo.example.com."},
    {65,
     "0001000001000602683302683200040008c0000201c00002020006002020010db8000000000000000000000001200"
     "10db8000000000000000000000002",
     "1 . alpn=\"h3,h2\" ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1,2001:db8::2"},
    {65,
     "000103737663076578616d706c6500000000040001000300010003026832000200000003000220fb000500060048f"
     "e0d0044000700102f646e732d71756572797b3f646e737d",
     "1 svc.example. mandatory=alpn,port alpn=\"h2\" no-default-alpn port=8443 ech=AEj+DQBE "
     "dohpath=\"/dns-query{?dns}\""},
    {64, "001003666f6f076578616d706c65036f7267000001000c08665c6f6f2c626172026832",
     "16 foo.example.org. alpn=\"f\\\\\\\\oo\\\\,bar,h2\""},
    {64, "000103666f6f076578616d706c6503636f6d00029b000968656c6c6fd2716f6f",
     "1 foo.example.com. key667=\"hello\\210qoo\""},
    {64, "000103666f6f076578616d706c6503636f6d00ff350000", "1 foo.example.com. key65333"},
    {250, "0b686d61632d7368613235360000006553f100012c000401020304123400100000",
     "hmac-sha256. 1700000000 300 4 AQIDBA== 4660 BADSIG 0"},
    {261, "08716e616d656d696e0c6578746572723d31352d3137", "\"qnamemin\" \"exterr=15-17\""},
    {262, "034254430178", "\"BTC\" \"x\""},
    {32768, "09430d02c988ec42", "2371 13 2 C988EC42"},
    {32769, "09430d02c988ec42", "2371 13 2 C988EC42"},
    {249, "086773732d74736967006553f1006553ff10000300000004010203040000",
     "gss-tsig. 1700000000 1700003600 3 NOERROR 4 AQIDBA== 0"},
    {250, "0b686d61632d7368613235360000006553f100012c000012340012000600006553f110",
     "hmac-sha256. 1700000000 300 0 4660 BADTIME 6 AABlU/EQ"},
    {66, "003b0114ef03636473076578616d706c6500", "CDS NOTIFY 5359 cds.example."},
    {66, "003b0214ef03636473076578616d706c6500", "CDS 2 5359 cds.example."},
    {263, "05746370636c", "\"tcpcl\""},
    {264, "000ee86800000005", "4196183048192005"},
    {67, "010203", "AQID"},
    {68, "010203", "AQID"},
    {31, "e32c", "E32C"},
    {32, "e32c", "E32C"},
    {64, "0001000008000000090004001d0017000a0003026162",
     "1 . ohttp tls-supported-groups=29,23 key10=\"\\002ab\""},
    {44, "04020001020304050607", "4 2 0001020304050607"},
    {50, "01000000000a00010203040506070809", "1 0 0 - 000G40O40K30E209"},
    /* Without a form of their own (RFC 3597). */
    {10, "", "\\# 0"},
    {30, "00", "\\# 1 00"},
    {65280, "0a000001", "\\# 4 0A000001"},
    {65280, "", "\\# 0"},
    {16, "05223b5c7f5c", "\"\\\";\\\\\\127\\\\\""},
    {42, "", ""},
};

/* The data as the whole of a message, so that nothing in front of it can be pointed to. */
static int to_text(unsigned type, unsigned class_, const char *hex, struct buf *b, const char **why)
{
    size_t len;
    uint8_t *data = from_hex(hex, &len);
    struct dns_message m = {.wire = data, .len = (uint32_t)len};
    struct dns_rr rr = {
        .type = (uint16_t)type, .class_ = (uint16_t)class_, .rdata_len = (uint16_t)len};
    buf_clear(b);
    int r = dns_rdata_to_text(&m, &rr, b);
    *why = dns_rdata_check(data, 0, len, (uint16_t)type, (uint16_t)class_);
    free(data);
    return r;
}

static void writes_each_type(void **state)
{
    (void)state;
    struct buf b = {0};
    const char *why;
    for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
        assert_int_equal(to_text(sound[i].type, 1, sound[i].hex, &b, &why), 0);
        assert_string_equal(buf_cstr(&b), sound[i].text);
        assert_null(why);
    }
    buf_done(&b);
}

/* Cutting any sound data short gives sound data or -EBADMSG with the RFC 3597 form, and the check
 * and the text agree on which. */
static void check_and_text_agree(void **state)
{
    (void)state;
    struct buf b = {0};
    const char *why;
    for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++) {
        char hex[1024];
        size_t n = strlen(sound[i].hex);
        memcpy(hex, sound[i].hex, n + 1);
        while (n) {
            n -= 2;
            hex[n] = '\0';
            int r = to_text(sound[i].type, 1, hex, &b, &why);
            assert_int_equal(r, why ? -EBADMSG : 0);
            if (r)
                assert_memory_equal(buf_cstr(&b), "\\# ", 3);
        }
    }
    buf_done(&b);
}

static void refuses_what_does_not_parse(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        const char *hex;
        const char *text;
        const char *why;
    } cases[] = {
        {1, "0102030405", "\\# 5 0102030405", "rdata: A is not 4 bytes"},
        {28, "", "\\# 0", "rdata: AAAA is not 16 bytes"},
        {5, "016100ff", "\\# 4 016100FF", "rdata: CNAME does not parse"},
        {5, "c000", "\\# 2 C000", "rdata: CNAME does not parse"},
        {2, "0361", "\\# 2 0361", "rdata: NS does not parse"},
        {6, "0000", "\\# 2 0000", "rdata: SOA does not parse"},
        {13, "0161", "\\# 2 0161", "rdata: HINFO does not parse"},
        {16, "", "\\# 0", "rdata: TXT does not parse"},
        {29, "01000000800000008000000000989680", NULL, "rdata: LOC does not parse"},
        {29, "00a00000800000008000000000989680", NULL, "rdata: LOC does not parse"},
        {29, "000a0000800000008000000000989680", NULL, "rdata: LOC does not parse"},
        {29, "000000009350ea018000000000989680", NULL, "rdata: LOC does not parse"},
        {42, "00032000", NULL, "rdata: APL does not parse"},
        {42, "0001210401020304", NULL, "rdata: APL does not parse"},
        {42, "000120050102030405", NULL, "rdata: APL does not parse"},
        {43, "00010102", NULL, "rdata: DS does not parse"},
        {45, "0a040200", NULL, "rdata: IPSECKEY does not parse"},
        {47, "0000010000", NULL, "rdata: NSEC does not parse"},        /* bits of no length */
        {47, "00000140000001 40", NULL, "rdata: NSEC does not parse"}, /* the window again */
        {47, "000021", NULL, "rdata: NSEC does not parse"},
        {50, "010000000000", NULL, "rdata: NSEC3 does not parse"}, /* no hash */
        {55, "000100040102", NULL, "rdata: HIP does not parse"},
        {61, "", NULL, "rdata: OPENPGPKEY does not parse"},
        {64, "00010000010000", NULL, "rdata: SVCB does not parse"},      /* no protocol */
        {65, "000100000100020068", NULL, "rdata: HTTPS does not parse"}, /* an empty one */
        {65, "0001000003000101", NULL, "rdata: HTTPS does not parse"},   /* port of 1 byte */
        {65, "000100000300020035000100030268 32", NULL, "rdata: HTTPS does not parse"}, /* order */
        {65, "000100000300020035000300020035", NULL, "rdata: HTTPS does not parse"},    /* twice */
        {65, "0001000002000101", NULL, "rdata: HTTPS does not parse"},
        {65, "00010000040003010203", NULL, "rdata: HTTPS does not parse"},
        {65, "00010000000000", NULL, "rdata: HTTPS does not parse"},
        {108, "0102030405", NULL, "rdata: EUI48 is not 6 bytes"},
        {109, "010203040506070809", NULL, "rdata: EUI64 is not 8 bytes"},
        {257, "0000", NULL, "rdata: CAA does not parse"},
        {257, "00022a2a", NULL, "rdata: CAA does not parse"},
        {260, "0a04", NULL, "rdata: AMTRELAY does not parse"},
        {32769, "0001", NULL, "rdata: DLV does not parse"},
    };
    struct buf b = {0};
    const char *why;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(to_text(cases[i].type, 1, cases[i].hex, &b, &why), -EBADMSG);
        assert_non_null(why);
        assert_string_equal(why, cases[i].why);
        if (cases[i].text)
            assert_string_equal(buf_cstr(&b), cases[i].text);
        else
            assert_memory_equal(buf_cstr(&b), "\\# ", 3);
    }
    buf_done(&b);
}

/* What was in the buffer stays, also when the data turns out not to parse. */
static void appends(void **state)
{
    (void)state;
    struct buf b = {0};
    uint8_t data[] = {0, 10, 1, 'a', 0, 9};
    struct dns_message m = {.wire = data, .len = sizeof(data)};
    struct dns_rr rr = {.type = 15, .class_ = 1, .rdata_len = sizeof(data)};
    buf_puts(&b, "x=");
    assert_int_equal(dns_rdata_to_text(&m, &rr, &b), -EBADMSG);
    assert_string_equal(buf_cstr(&b), "x=\\# 6 000A01610009");
    buf_done(&b);
}

static void names_may_point_back(void **state)
{
    (void)state;
    struct buf b = {0};
    uint8_t data[] = "\7example\3com\0\0\12\4mail\xc0\0";
    struct dns_message m = {.wire = data, .len = sizeof(data) - 1};
    struct dns_rr rr = {
        .type = 15, .class_ = 1, .rdata_pos = 13, .rdata_len = sizeof(data) - 1 - 13};
    assert_int_equal(dns_rdata_to_text(&m, &rr, &b), 0);
    assert_string_equal(buf_cstr(&b), "10 mail.example.com.");
    /* The name must not run on into what follows the data. */
    rr.rdata_len--;
    buf_clear(&b);
    assert_int_equal(dns_rdata_to_text(&m, &rr, &b), -EBADMSG);
    buf_done(&b);
}

static void other_classes(void **state)
{
    (void)state;
    struct buf b = {0};
    const char *why;
    assert_int_equal(to_text(1, 3, "0161000102", &b, &why), 0);
    assert_string_equal(buf_cstr(&b), "a. 402");
    assert_int_equal(to_text(1, 254, "", &b, &why), 0);
    assert_string_equal(buf_cstr(&b), "\\# 0");
    assert_null(why);
    assert_int_equal(to_text(1, 255, "", &b, &why), 0);
    assert_int_equal(to_text(1, 254, "01020304", &b, &why), 0);
    assert_string_equal(buf_cstr(&b), "1.2.3.4");
    assert_int_equal(to_text(1, 1, "", &b, &why), -EBADMSG);
    buf_done(&b);
}

static void client_subnets(void **state)
{
    (void)state;
    struct buf b = {0};
    assert_int_equal(dns_ecs_to_text((const uint8_t *)"\0\1\25\30\300\0\10", 7, &b), 0);
    assert_string_equal(buf_cstr(&b), "192.0.8.0/21/24");
    buf_clear(&b);
    assert_int_equal(dns_ecs_to_text((const uint8_t *)"\0\2\40\0\40\1\15\270", 8, &b), 0);
    assert_string_equal(buf_cstr(&b), "2001:db8::/32/0");
    buf_clear(&b);
    assert_int_equal(dns_ecs_to_text((const uint8_t *)"\0\0\0\0", 4, &b), 0);
    assert_string_equal(buf_cstr(&b), "0/0/0");
    buf_clear(&b);
    assert_int_equal(dns_ecs_to_text((const uint8_t *)"\0\1\41\0\1\2\3\4\5", 9, &b), -EBADMSG);
    assert_int_equal(dns_ecs_to_text((const uint8_t *)"\0\1\0", 3, &b), -EBADMSG);
    assert_int_equal(b.len, 0);
    buf_done(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_type),
        cmocka_unit_test(check_and_text_agree),
        cmocka_unit_test(refuses_what_does_not_parse),
        cmocka_unit_test(appends),
        cmocka_unit_test(names_may_point_back),
        cmocka_unit_test(other_classes),
        cmocka_unit_test(client_subnets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
