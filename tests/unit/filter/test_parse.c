/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/filter.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define NOW_NS 1795492800000000000 /* 2026-11-24T04:00:00Z */

static struct filter *parse(const char *text)
{
    struct filter *f;
    struct filter_error error;
    if (filter_parse(text, strlen(text), NOW_NS, &f, &error) < 0)
        fail_msg("%s: %zu: %s", text, error.column, error.message);
    return f;
}

/* The canonical text of `text` is `expected`, and that of `expected` is itself. */
static void assert_canonical(const char *text, const char *expected)
{
    const char *inputs[] = {text, expected};
    for (int i = 0; i < 2; i++) {
        struct buf b = {0};
        struct filter *f = parse(inputs[i]);
        filter_to_text(f, &b);
        assert_string_equal(buf_cstr(&b), expected);
        buf_done(&b);
        filter_free(f);
    }
}

static void assert_error(const char *text, size_t column, size_t width, const char *message)
{
    struct filter *f;
    struct filter_error error;
    int r = filter_parse(text, strlen(text), NOW_NS, &f, &error);
    if (r == 0)
        fail_msg("%s: no error", text);
    assert_int_equal(r, -EINVAL);
    assert_null(f);
    assert_string_equal(error.message, message);
    assert_int_equal(error.column, column);
    assert_int_equal(error.width, width);
}

static void terms(void **state)
{
    (void)state;
    assert_canonical("", "");
    assert_canonical("  \t\n", "");
    assert_canonical("rcode=nxdomain", "rcode=NXDOMAIN");
    assert_canonical(" rcode = NXDOMAIN , servfail ", "rcode=NXDOMAIN,SERVFAIL");
    assert_canonical("rcode=3", "rcode=NXDOMAIN");
    assert_canonical("rcode=200", "rcode=RCODE200");
    assert_canonical("qtype!=aaaa,TYPE65280,1", "qtype!=AAAA,TYPE65280,A");
    assert_canonical("latency>100ms", "latency_us>100ms");
    assert_canonical("latency>1500", "latency_us>1500us");
    assert_canonical("latency>=1.5ms", "latency_us>=1500us");
    assert_canonical("latency<0.5us", "latency_us<500ns");
    assert_canonical("latency<=1m30s", "latency_us<=90s");
    assert_canonical("latency=1ms..5ms", "latency_us=1ms..5ms");
    assert_canonical("latency=..0", "latency_us=..0s");
    assert_canonical("id=0x1A2B", "id=6699");
    assert_canonical("response_bytes>1k", "response_bytes>1000");
    assert_canonical("response_bytes>1KiB", "response_bytes>1024");
    assert_canonical("retransmits=2..", "retransmits=2..");
    assert_canonical("flags=AA,tc", "flags=aa,tc");
    assert_canonical("edns.do=yes edns=no", "edns.do=true edns=null");
    assert_canonical("unit=NULL", "unit=null");
    assert_canonical("marks!=cut", "marks!=cut");
    assert_canonical("edns.ede=stale_answer,22",
                     "edns.ede=\"Stale Answer\",\"No Reachable Authority\"");
    assert_canonical("answers=192.0.2.1", "answers.data=192.0.2.1");
}

static void names(void **state)
{
    (void)state;
    assert_canonical("qname=WWW.Example.COM.", "qname=www.example.com");
    assert_canonical("qname=.", "qname=.");
    assert_canonical("qname~a*...", "qname~a*");
    assert_canonical("qname=a\\.", "qname=a\\.");
    assert_canonical("qname~*.Example.com.", "qname~*.example.com");
    assert_canonical("comm=Foo", "comm=Foo");
    assert_canonical("comm~Foo*", "comm~foo*");
    assert_canonical("comm=\"a b\"", "comm=\"a b\"");
    assert_canonical("comm=\"a\\\"b\\\\c\\d\"", "comm=\"a\\\"b\\\\c\\\\d\"");
    assert_canonical("comm=\"null\"", "comm=\"null\"");
    assert_canonical("comm=\"\"", "comm=\"\"");
    assert_canonical("comm=\"plain\"", "comm=plain");
    assert_canonical("answers=a==,b", "answers.data=a==,b");
    assert_canonical("answers=\"10.0.0.1\"", "answers.data=\"10.0.0.1\"");
}

static void bare_words(void **state)
{
    (void)state;
    assert_canonical("Example", "example");
    assert_canonical("\"or\"", "\"or\"");
    assert_canonical("\"two words\"", "\"two words\"");
    assert_canonical("*.example.com", "qname~*.example.com");
    assert_canonical("\"*\"", "\"*\"");
    assert_canonical("_dmarc example.com", "_dmarc example.com");
    assert_canonical("\"\"", "\"\"");
    assert_canonical("order android nothing", "order android nothing");
}

static void addresses(void **state)
{
    (void)state;
    assert_canonical("client=10.1.2.3/8", "client=10.0.0.0/8");
    assert_canonical("client=10.1.2.3/32", "client=10.1.2.3");
    assert_canonical("client=0.0.0.0/0", "client=0.0.0.0/0");
    assert_canonical("client=2001:DB8:0::1/64", "client=2001:db8::/64");
    assert_canonical("client=::/0,::1", "client=::/0,::1");
    assert_canonical("server!=10.0.0.1..10.0.0.9", "server!=10.0.0.1..10.0.0.9");
}

static void times(void **state)
{
    (void)state;
    assert_canonical("time>now", "time>2026-11-24T04:00:00.000000000Z");
    assert_canonical("time>-5m", "time>2026-11-24T03:55:00.000000000Z");
    assert_canonical("time>=2026-11-24T05:00", "time>=2026-11-24T05:00:00.000000000Z");
    assert_canonical("time<2026-11-24T05:00:01.5+01:00", "time<2026-11-24T04:00:01.500000000Z");
    assert_canonical("time=2024-02-29",
                     "time=2024-02-29T00:00:00.000000000Z..2024-02-29T23:59:59.999999999Z");
    assert_canonical("time=\"2026-11-24 04:00\"",
                     "time=2026-11-24T04:00:00.000000000Z..2026-11-24T04:00:59.999999999Z");
    assert_canonical("time=-10m..-5m",
                     "time=2026-11-24T03:50:00.000000000Z..2026-11-24T03:55:00.000000000Z");
    assert_canonical("time>=1795492800", "time>=2026-11-24T04:00:00.000000000Z");
}

static void combinations(void **state)
{
    (void)state;
    assert_canonical("a b", "a b");
    assert_canonical("a AND b and c", "a b c");
    assert_canonical("a OR b c", "a or b c");
    assert_canonical("(a or b) c", "(a or b) c");
    assert_canonical("((a) (b c))", "a b c");
    assert_canonical("a or (b or c)", "a or b or c");
    assert_canonical("not a b", "not a b");
    assert_canonical("not (a b)", "not (a b)");
    assert_canonical("not(a or b)", "not (a or b)");
    assert_canonical("not not a", "not not a");
    assert_canonical("(not a) or (b and not c)", "not a or b not c");
    assert_canonical("(rcode=NXDOMAIN)or(comm=x)", "rcode=NXDOMAIN or comm=x");
}

static void mistakes_in_names(void **state)
{
    (void)state;
    assert_error("rcode=NXDOMIAN", 7, 8, "rcode: there is no NXDOMIAN; did you mean NXDOMAIN?");
    assert_error("outcome=lost", 9, 4,
                 "outcome: there is no lost; it is one of answered, timeout, icmp_refused, "
                 "dropped, unsolicited, unseen");
    assert_error("flags=aa,xx", 10, 2,
                 "flags: there is no xx; it is one of aa, tc, rd, ra, z, ad, cd");
    assert_error("rcodee=NOERROR", 1, 6, "there is no field rcodee; did you mean rcode?");
    assert_error("a zone=x", 3, 4, "there is no field zone; did you mean domain?");
    assert_error("answers.tll>3", 1, 11,
                 "there is no field answers.tll; did you mean answers.ttl?");
    assert_error("zzzzzz=1", 1, 6,
                 "there is no field zzzzzz; fields are for example qname, rcode, latency, comm");
    assert_error("=5", 1, 1, "a field must stand here, for example rcode=NXDOMAIN");
}

static void mistakes_in_values(void **state)
{
    (void)state;
    assert_error("latency>10x", 9, 3,
                 "latency_us: '10x' is not a duration; write for example 300us, 1.5ms or 2s");
    assert_error("pid=abc", 5, 3, "pid: 'abc' is not a number; write for example 512, 4k or 0x1f");
    assert_error("pid=99999999999999999999", 5, 20,
                 "pid: '99999999999999999999' is not a number; write for example 512, 4k or 0x1f");
    assert_error("pid=9000000000000000000", 5, 19, "pid: '9000000000000000000' is out of range");
    assert_error("time>yesterday", 6, 9,
                 "time: 'yesterday' is not a time; write for example 2026-11-24T05:00, "
                 "2026-11-24, -5m or now");
    assert_error("time>2026-13-01", 6, 10,
                 "time: '2026-13-01' is not a time; write for example 2026-11-24T05:00, "
                 "2026-11-24, -5m or now");
    assert_error("client=10.0.0", 8, 6,
                 "client: '10.0.0' is neither an address nor a prefix; write for example "
                 "192.0.2.1, 10.0.0.0/8 or 2001:db8::/32");
    assert_error("client=10.0.0.9..10.0.0.1", 8, 18,
                 "client: '10.0.0.9..10.0.0.1' is a range that ends before it begins");
    assert_error("edns.do=maybe", 9, 5, "edns.do: 'maybe' is neither true nor false");
    assert_error("id=5..1", 4, 4, "id: '5..1' is a range that ends before it begins");
    assert_error("id=..", 4, 2,
                 "id: '..' is a range without ends; write for example 1..9, 1.. or ..9");
    assert_error("id>1..5", 4, 4, "id: '1..5' is a range, which goes with = and !=");
    assert_error("id>null", 4, 4, "id: 'null' is absence, which goes with = and !=");
    assert_error("comm=", 6, 1, "a value must stand here; an empty one is \"\"");
    assert_error("comm=a,", 8, 1, "a value must stand here; an empty one is \"\"");
    assert_error("comm==a", 6, 1,
                 "operators are = != > >= < <= ~ !~; a value that begins with = needs quotes");
}

static void mistakes_in_operators(void **state)
{
    (void)state;
    assert_error("qname>a", 6, 1, "qname goes with = != ~ !~");
    assert_error("latency~5", 8, 1, "latency_us goes with = != > >= < <=");
    assert_error("client~10.*", 7, 1,
                 "client goes with = and !=, with an address or a prefix such as 10.0.0.0/8");
    assert_error("id>1,2", 5, 1, "a list of values goes with = != ~ !~");
}

static void mistakes_in_structure(void **state)
{
    (void)state;
    assert_error("(a", 1, 1, "this parenthesis is not closed; a ')' is missing");
    assert_error("a)", 2, 1, "there is no ( for this )");
    assert_error("()", 2, 1, "a term must stand before )");
    assert_error("a or", 3, 2, "a term must follow or");
    assert_error("a and", 3, 3, "a term must follow and");
    assert_error("not", 1, 3, "a term must follow not");
    assert_error("or a", 1, 2, "or must stand between two terms; as a word it needs quotes");
    assert_error("a && b", 3, 2, "write and, or, not (a word that begins with & needs quotes)");
    assert_error("comm=\"a", 6, 2, "this quote is not closed; put another \" at its end");
    assert_error("comm=\"a\"b", 9, 1, "a space must stand here, after the closing quote");
    assert_error("comm=a\"b\"", 7, 1, "a quote inside a word; put the whole value between quotes");
    assert_error("a , b", 3, 1, "a comma separates values, as in rcode=SERVFAIL,REFUSED");
}

static int parse_result(struct buf *b)
{
    struct filter *f;
    struct filter_error error;
    int r = filter_parse(b->data, b->len, NOW_NS, &f, &error);
    if (r == 0)
        filter_free(f);
    else
        assert_true(error.message[0]);
    buf_done(b);
    return r;
}

static void limits(void **state)
{
    (void)state;
    struct buf b = {0};
    for (int i = 0; i < 100; i++)
        buf_putc(&b, '(');
    buf_putc(&b, 'a');
    for (int i = 0; i < 100; i++)
        buf_putc(&b, ')');
    assert_int_equal(parse_result(&b), 0);
    for (int i = 0; i < 101; i++)
        buf_puts(&b, i % 2 ? "not " : "(");
    assert_int_equal(parse_result(&b), -E2BIG);
    for (int i = 0; i < 1000; i++)
        buf_puts(&b, "a ");
    assert_int_equal(parse_result(&b), 0);
    for (int i = 0; i < 1001; i++)
        buf_puts(&b, "a ");
    assert_int_equal(parse_result(&b), -E2BIG);
    for (int i = 0; i < 65536; i++)
        buf_putc(&b, 'a');
    assert_int_equal(parse_result(&b), 0);
    for (int i = 0; i < 65537; i++)
        buf_putc(&b, ' ');
    assert_int_equal(parse_result(&b), -E2BIG);
    buf_puts(&b, "qname~");
    for (int i = 0; i < 1025; i++)
        buf_putc(&b, '?');
    assert_int_equal(parse_result(&b), -EINVAL);
}

static void mistakes_are_shown_where_they_are(void **state)
{
    (void)state;
    struct buf b = {0};
    struct filter_error error = {.column = 9, .width = 3, .message = "wrong"};
    const char *text = "latency>10x a";
    filter_error_show(text, strlen(text), &error, &b);
    assert_string_equal(buf_cstr(&b), "latency>10x a\n        ^~~\nwrong\n");
    buf_clear(&b);
    text = "\xc3\xa9\xe6\x97\xa5\033=1";
    error.column = 7;
    error.width = 1;
    filter_error_show(text, strlen(text), &error, &b);
    assert_string_equal(buf_cstr(&b), "\xc3\xa9\xe6\x97\xa5?=1\n    ^\nwrong\n");
    buf_clear(&b);
    char line[400];
    memset(line, 'x', sizeof(line));
    error.column = 301;
    error.width = 5;
    filter_error_show(line, sizeof(line), &error, &b);
    assert_memory_equal(buf_cstr(&b), "...xxxxx", 8);
    assert_true(strcspn(b.data, "\n") <= 100);
    assert_non_null(strstr(b.data, " ^~~~~\n"));
    buf_done(&b);
}

static void every_field_is_found(void **state)
{
    (void)state;
    const struct field *f;
    for (size_t i = 0; (f = field_at(i)); i++) {
        assert_ptr_equal(field_find(f->name, strlen(f->name)), f);
        assert_true(f->help && f->help[0] && f->values);
        if (f->alias)
            assert_ptr_equal(field_find(f->alias, strlen(f->alias)), f);
        if (f->type == FIELD_ENUM)
            assert_true(f->parse_enum && f->enum_at && f->enum_name);
        if (f->type == FIELD_SET)
            assert_non_null(f->enum_at);
        char text[80];
        snprintf(text, sizeof(text), "%s!=null", f->name);
        assert_canonical(text, text);
        for (size_t k = 0; f->type == FIELD_ENUM && f->enum_at(k); k++)
            assert_true(f->parse_enum(f->enum_at(k), strlen(f->enum_at(k))) >= 0);
    }
    assert_null(field_find("latenc", 6));
    assert_string_equal(field_nearest("lateny", 6), "latency");
    assert_null(field_nearest("xyzxyzxyz", 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(terms),
        cmocka_unit_test(names),
        cmocka_unit_test(bare_words),
        cmocka_unit_test(addresses),
        cmocka_unit_test(times),
        cmocka_unit_test(combinations),
        cmocka_unit_test(mistakes_in_names),
        cmocka_unit_test(mistakes_in_values),
        cmocka_unit_test(mistakes_in_operators),
        cmocka_unit_test(mistakes_in_structure),
        cmocka_unit_test(limits),
        cmocka_unit_test(mistakes_are_shown_where_they_are),
        cmocka_unit_test(every_field_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
