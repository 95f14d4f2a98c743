/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/message.h"

#include "wire.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct wire w;
static struct arena arena;
static struct dns_message m;
static uint8_t *exact;

/* Parses a copy in a block of exactly its size, so that the sanitizer sees every step over it. */
static void parse_part(size_t len, bool cut)
{
    free(exact);
    exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, w.bytes, len);
    arena_reset(&arena);
    assert_int_equal(dns_message_parse(&m, exact, len, cut, &arena), 0);
}

static void parse(void)
{
    parse_part(w.len, false);
}

static void assert_sound(void)
{
    if (m.malformed)
        fail_msg("malformed: %s", m.malformed);
}

static void assert_malformed(const char *why)
{
    assert_non_null(m.malformed);
    assert_string_equal(m.malformed, why);
}

static void build_response(void)
{
    put_header(&w, 0x1234, 0x8180, 1, 2, 1, 2);
    put_question(&w, "www.example.com", 1);
    put_rr(&w, 5, 600, "\3cdn\xc0\x10", 6);
    put_rr(&w, 1, 60, "\300\0\2\1", 4);
    put_rr(&w, 2, 3600, "\2ns\xc0\x10", 5);
    put_rr(&w, 28, 3600, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16);
    put_opt(&w, 1232, 0x8000, "", 0);
}

static void reads_a_response(void **state)
{
    (void)state;
    char name[1025];
    build_response();
    parse();
    assert_sound();
    assert_true(m.has_header && m.has_question && m.has_min_ttl);
    assert_int_equal(m.id, 0x1234);
    assert_int_equal(m.flags, 0x8180);
    assert_int_equal(m.opcode, 0);
    assert_int_equal(m.rcode, 0);
    assert_int_equal(m.qname_pos, 12);
    assert_int_equal(m.qtype, 1);
    assert_int_equal(m.qclass, 1);
    assert_int_equal(m.an_count, 2);
    assert_int_equal(m.answers, 2);
    assert_int_equal(m.authorities, 1);
    assert_int_equal(m.additionals, 2);
    assert_int_equal(m.min_ttl, 60);
    assert_int_equal(m.rr[1].type, 1);
    assert_int_equal(m.rr[1].ttl, 60);
    assert_int_equal(m.rr[1].rdata_len, 4);
    assert_memory_equal(m.wire + m.rr[1].rdata_pos, "\300\0\2\1", 4);
    assert_int_equal(dns_rr_name_to_text(&m, &m.rr[0], name), 15);
    assert_string_equal(name, "www.example.com");
    assert_true(m.edns.present && m.edns.do_bit);
    assert_int_equal(m.edns.udp_size, 1232);
    assert_int_equal(m.edns.version, 0);
}

/* Whatever the place of the cut, a sound message stays sound and nothing is made up. */
static void cut_is_not_malformed(void **state)
{
    (void)state;
    build_response();
    size_t len = w.len;
    for (size_t n = 0; n < len; n++) {
        parse_part(n, true);
        assert_sound();
        assert_int_equal(m.has_header, n >= 12);
        assert_int_equal(m.has_question, n >= 33);
        assert_true(m.answers <= 2 && m.authorities <= 1 && m.additionals <= 1);
        parse_part(n, false);
        assert_non_null(m.malformed);
    }
    parse_part(len, true);
    assert_sound();
    assert_int_equal(m.additionals, 2);
}

static void says_which_part_is_short(void **state)
{
    (void)state;
    put_header(&w, 1, 0x8180, 1, 1, 0, 0);
    parse_part(11, false);
    assert_malformed("header: shorter than 12 bytes");
    assert_false(m.has_header);
    put_question(&w, "example.com", 1);
    parse_part(14, false);
    assert_malformed("header: more questions than fit");
    parse_part(20, false);
    assert_malformed("question: name runs past the end");
    parse_part(w.len - 1, false);
    assert_malformed("question: record runs past the end");
    assert_false(m.has_question);
    put_rr(&w, 16, 1, "\1a\1b\1c", 6);
    parse_part(w.len - 1, false);
    assert_malformed("answer: record runs past the end");
    assert_true(m.has_question);
    assert_int_equal(m.answers, 0);
}

static void refuses_impossible_counts(void **state)
{
    (void)state;
    put_header(&w, 1, 0x8180, 1, 65535, 65535, 65535);
    put_question(&w, "example.com", 1);
    put_rr(&w, 1, 5, "\1\2\3\4", 4);
    put_rr(&w, 1, 5, "\1\2\3\5", 4);
    parse();
    assert_malformed("header: more records than fit");
    /* What is there is kept, and no memory is taken for what is not. */
    assert_int_equal(m.answers, 2);
    assert_true(arena.used <= 64);
    /* One more than there is room for. */
    put_header(&w, 1, 0x8180, 1, 2, 0, 0);
    put_question(&w, "example.com", 1);
    put_rr(&w, 1, 5, "\1\2\3\4", 4);
    parse();
    assert_malformed("header: more records than fit");
    assert_int_equal(m.answers, 1);
}

static void names_bad_names(void **state)
{
    (void)state;
    put_header(&w, 1, 0, 1, 0, 0, 0);
    put(&w, "\xc0\x0c\0\1\0\1", 6);
    parse();
    assert_malformed("question: bad pointer in name");
    put_header(&w, 1, 0, 1, 0, 0, 0);
    put(&w, "\x41x\0\1\0\1", 7);
    parse();
    assert_malformed("question: unknown label type in name");
    put_header(&w, 1, 0x8000, 1, 0, 1, 0);
    put_question(&w, "a", 1);
    for (int i = 0; i < 5; i++) {
        put8(&w, 63);
        for (int j = 0; j < 63; j++)
            put8(&w, 'x');
    }
    parse();
    assert_malformed("authority: name over 255 octets");
    put_header(&w, 1, 0x8000, 1, 0, 0, 1);
    put_question(&w, "a", 1);
    put(&w, "\xc0\x20\0\1\0\1\0\0\0\0\0\4abcd", 16);
    parse();
    assert_malformed("additional: bad pointer in name");
}

static void checks_record_data(void **state)
{
    (void)state;
    static const struct {
        unsigned type;
        const char *data;
        size_t len;
        const char *why;
    } cases[] = {
        {1, "abc", 3, "rdata: A is not 4 bytes"},
        {1, "", 0, "rdata: A is not 4 bytes"},
        {28, "abcd", 4, "rdata: AAAA is not 16 bytes"},
        {5, "\1a", 2, "rdata: CNAME does not parse"},
        {2, "\xc0\x0cx", 3, "rdata: NS does not parse"},
        {5, "\xc0\xff", 2, "rdata: CNAME does not parse"},
        {6, "\0\0abcd", 6, "rdata: SOA does not parse"},
        {15, "\0", 1, "rdata: MX does not parse"},
        {16, "", 0, "rdata: TXT does not parse"},
        {16, "\5abc", 4, "rdata: TXT does not parse"},
        {65280, "anything", 8, NULL},
        {10, "", 0, NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put_header(&w, 1, 0x8000, 1, 2, 0, 0);
        put_question(&w, "example.com", 1);
        put_rr(&w, cases[i].type, 5, cases[i].data, cases[i].len);
        put_rr(&w, 1, 5, "\1\2\3\4", 4);
        parse();
        if (cases[i].why)
            assert_malformed(cases[i].why);
        else
            assert_sound();
        assert_int_equal(m.answers, 2); /* the next record is still found */
    }
}

static void reads_edns_options(void **state)
{
    (void)state;
    static const char options[] = "\0\10\0\7\0\1\30\0\300\0\2" /* ECS 192.0.2.0/24 */
                                  "\0\3\0\3abc"                /* NSID */
                                  "\0\12\0\10"
                                  "12345678"          /* cookie */
                                  "\0\13\0\2\0\144"   /* keepalive */
                                  "\0\14\0\4\0\0\0\0" /* padding */
                                  "\0\17\0\6\0\22"
                                  "text"          /* EDE 18 */
                                  "\0\17\0\2\0\6" /* EDE 6 */
                                  "\375\351\0\0"  /* 65001, local use */
                                  "\0\3\0\1x";    /* a second NSID */
    put_header(&w, 1, 0x8000 | 2, 1, 0, 0, 1);
    put_question(&w, "example.com", 1);
    put_opt(&w, 4096, 0x01000000, options, sizeof(options) - 1);
    parse();
    assert_sound();
    assert_int_equal(m.rcode, 18);
    assert_int_equal(m.edns.extended_rcode, 1);
    assert_false(m.edns.do_bit);
    assert_int_equal(m.edns.ecs_len, 7);
    assert_int_equal(m.edns.nsid_len, 3);
    assert_memory_equal(m.edns.nsid, "abc", 3);
    assert_int_equal(m.edns.cookie_len, 8);
    assert_int_equal(m.edns.keepalive_len, 2);
    assert_int_equal(m.edns.padding_len, 4);
    assert_int_equal(m.edns.ede_count, 2);
    assert_int_equal(m.edns.ede[0].code, 18);
    assert_int_equal(m.edns.ede[0].text_len, 4);
    assert_memory_equal(m.edns.ede[0].text, "text", 4);
    assert_int_equal(m.edns.ede[1].code, 6);
    assert_int_equal(m.edns.ede[1].text_len, 0);
    assert_int_equal(m.edns.other_options, 1);
    struct buf b = {0};
    assert_int_equal(dns_rdata_to_text(&m, &m.rr[0], &b), 0);
    assert_string_equal(buf_cstr(&b),
                        "ecs=192.0.2.0/24/0 nsid=616263 cookie=3132333435363738 keepalive=100 "
                        "padding=4 ede=18 (Prohibited) \"text\" ede=6 (DNSSEC Bogus) option65001 "
                        "nsid=78");
    buf_done(&b);
}

static void keeps_four_extended_errors(void **state)
{
    (void)state;
    char options[6 * 6];
    for (int i = 0; i < 6; i++)
        memcpy(options + 6 * i, "\0\17\0\2\0\1", 6);
    put_header(&w, 1, 0x8000, 0, 0, 0, 1);
    put_opt(&w, 512, 0, options, sizeof(options));
    parse();
    assert_sound();
    assert_int_equal(m.edns.ede_count, 4);
    assert_int_equal(m.edns.other_options, 2);
}

static void check_opt(const char *options, size_t len, const char *why)
{
    put_header(&w, 1, 0, 0, 0, 0, 1);
    put_opt(&w, 512, 0, options, len);
    parse();
    assert_malformed(why);
    assert_true(m.edns.present);
}

static void says_what_is_wrong_with_opt(void **state)
{
    (void)state;
    check_opt("\0\3\0\4abc", 7, "opt: option runs past the end");
    check_opt("\0\3\0", 3, "opt: option runs past the end");
    check_opt("\0\12\0\1a", 5, "opt: cookie is not 8 or 16 to 40 bytes");
    check_opt("\0\10\0\3abc", 7, "opt: bad client subnet");
    check_opt("\0\10\0\5\0\1\30\0\1", 9, "opt: bad client subnet");
    check_opt("\0\10\0\10\0\3\40\0\1\2\3\4", 12, "opt: bad client subnet");
    check_opt("\0\13\0\1a", 5, "opt: keepalive is not 0 or 2 bytes");
    check_opt("\0\17\0\1a", 5, "opt: extended error is shorter than 2 bytes");

    put_header(&w, 1, 0, 0, 0, 0, 2);
    put_opt(&w, 512, 0, "", 0);
    put_opt(&w, 1400, 0, "", 0);
    parse();
    assert_malformed("opt: more than one");
    assert_int_equal(m.edns.udp_size, 512);

    put_header(&w, 1, 0, 0, 1, 0, 0);
    put_opt(&w, 512, 0, "", 0);
    parse();
    assert_malformed("opt: outside the additional section");
    assert_false(m.edns.present);

    put_header(&w, 1, 0, 1, 0, 0, 1);
    put_question(&w, "a", 1);
    put_rr(&w, 41, 0, "", 0);
    parse();
    assert_malformed("opt: owner is not the root");
}

static void unusual_is_not_malformed(void **state)
{
    (void)state;
    put_header(&w, 1, 0x8005, 0, 0, 0, 0); /* REFUSED without the question */
    parse();
    assert_sound();
    assert_false(m.has_question);
    put_header(&w, 1, 0x3000, 0, 0, 0, 0); /* DSO with its TLVs behind the header */
    put(&w, "\0\1\0\10\0\0\0\1\0\0\0\1", 12);
    parse();
    assert_sound();
    assert_int_equal(m.opcode, DNS_OPCODE_DSO);
    put_header(&w, 1, 0x2400, 1, 1, 0, 0); /* NOTIFY with its SOA */
    put_question(&w, "example.com", 6);
    put_rr(&w, 6, 1, "\0\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5", 22);
    parse();
    assert_sound();
    put_header(&w, 1, 0x2800, 1, 1, 1, 0); /* UPDATE: deletes have no data */
    put_question(&w, "example.com", 6);
    put(&w, "\xc0\x0c\0\1\0\376\0\0\0\0\0\0", 12);
    put(&w, "\xc0\x0c\0\20\0\377\0\0\0\0\0\0", 12);
    parse();
    assert_sound();
    put_header(&w, 1, 0x0100, 3, 0, 0, 0); /* several questions: the first counts */
    put_question(&w, "one", 1);
    put(&w, "\xc0\x0c\0\34\0\1", 6);
    put_question(&w, "two", 28);
    put(&w, "trailing", 8);
    parse();
    assert_sound();
    assert_int_equal(m.qtype, 1);
    put_header(&w, 1, 0x8000, 1, 1, 0, 0); /* an address in the class CHAOS */
    put_question(&w, "a", 1);
    put(&w, "\xc0\x0c\0\1\0\3\0\0\0\0\0\4\xc0\x0c\1\2", 16);
    parse();
    assert_sound();
}

static void ttl_with_the_top_bit_is_zero(void **state)
{
    (void)state;
    put_header(&w, 1, 0x8000, 1, 2, 0, 1);
    put_question(&w, "a", 1);
    put_rr(&w, 1, 300, "\1\2\3\4", 4);
    put_rr(&w, 1, 0x80000001, "\1\2\3\4", 4);
    put_opt(&w, 512, 0x80000000, "", 0);
    parse();
    assert_sound();
    assert_int_equal(m.rr[1].ttl, 0);
    assert_int_equal(m.min_ttl, 0);
    assert_int_equal(m.edns.extended_rcode, 128);
    assert_int_equal(m.rcode, 2048);
}

static void min_ttl_is_of_the_answers(void **state)
{
    (void)state;
    put_header(&w, 1, 0x8000, 1, 0, 1, 0);
    put_question(&w, "a", 1);
    put_rr(&w, 2, 5, "\xc0\x0c", 2);
    parse();
    assert_sound();
    assert_false(m.has_min_ttl);
}

static void out_of_memory_is_said(void **state)
{
    (void)state;
    struct arena small;
    build_response();
    arena_init(&small, 8);
    assert_int_equal(dns_message_parse(&m, w.bytes, w.len, false, &small), -ENOMEM);
    arena_done(&small);
}

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    free(exact);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_response),
        cmocka_unit_test(cut_is_not_malformed),
        cmocka_unit_test(says_which_part_is_short),
        cmocka_unit_test(refuses_impossible_counts),
        cmocka_unit_test(names_bad_names),
        cmocka_unit_test(checks_record_data),
        cmocka_unit_test(reads_edns_options),
        cmocka_unit_test(keeps_four_extended_errors),
        cmocka_unit_test(says_what_is_wrong_with_opt),
        cmocka_unit_test(unusual_is_not_malformed),
        cmocka_unit_test(ttl_with_the_top_bit_is_zero),
        cmocka_unit_test(min_ttl_is_of_the_answers),
        cmocka_unit_test(out_of_memory_is_said),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
