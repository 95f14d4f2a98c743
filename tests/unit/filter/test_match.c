/* SPDX-License-Identifier: Apache-2.0 */
#include "../record/sample.h"
#include "filter/filter.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define NOW_NS 1795492800000000000

static bool match(enum sample_kind kind, const char *text)
{
    struct filter *f;
    struct filter_error error;
    struct sample *s = sample_new(kind);
    if (filter_parse(text, strlen(text), NOW_NS, &f, &error) < 0)
        fail_msg("%s: %zu: %s", text, error.column, error.message);
    bool matches = filter_match(f, &s->record);
    filter_free(f);
    sample_free(s);
    return matches;
}

#define assert_match(kind, text)                                                                   \
    do {                                                                                           \
        if (!match(kind, text))                                                                    \
            fail_msg("%s should match", text);                                                     \
    } while (0)
#define assert_no_match(kind, text)                                                                \
    do {                                                                                           \
        if (match(kind, text))                                                                     \
            fail_msg("%s should not match", text);                                                 \
    } while (0)

/* Each line has values that are right and wrong for one field of one record. */
static void every_field(void **state)
{
    (void)state;
    static const struct {
        enum sample_kind kind;
        const char *yes, *no;
    } cases[] = {
        {SAMPLE_A, "time=2026-11-24", "time=2026-11-25"},
        {SAMPLE_A, "time=2026-11-24T04:00:00.123456789Z", "time=2026-11-24T04:00:00.2Z.."},
        {SAMPLE_A, "time>now", "time<=now"},
        {SAMPLE_A, "latency=341us", "latency=340us"},
        {SAMPLE_A, "latency>340.9us", "latency>341us"},
        {SAMPLE_A, "outcome=answered", "outcome=timeout,unseen"},
        {SAMPLE_A, "protocol=dns", "protocol=mdns"},
        {SAMPLE_TXT, "transport=tcp", "transport=udp"},
        {SAMPLE_A, "client=10.0.0.0/8", "client=10.0.1.0/24"},
        {SAMPLE_A, "client=10.0.0.1..10.0.0.7", "client=10.0.0.8..10.0.0.9"},
        {SAMPLE_A, "client_port=40000", "client_port<40000"},
        {SAMPLE_A, "server=192.0.2.53", "server!=192.0.2.53"},
        {SAMPLE_A, "server_port=53", "server_port=54.."},
        {SAMPLE_A, "id=0x1a2b", "id=1"},
        {SAMPLE_A, "opcode=query", "opcode=UPDATE"},
        {SAMPLE_A, "flags=ad flags=rd", "flags=aa,tc,cd"},
        {SAMPLE_A, "rcode=NOERROR", "rcode!=NOERROR"},
        {SAMPLE_A, "rcode~no*", "rcode~*fail"},
        {SAMPLE_A, "qname=www.example.com", "qname=example.com"},
        {SAMPLE_A, "qname=WWW.example.com.", "qname!=www.example.com"},
        {SAMPLE_A, "qname_wire=WWW.Example.COM", "qname_wire=www.example.com"},
        {SAMPLE_A, "qtype=A", "qtype=AAAA,TXT"},
        {SAMPLE_A, "qclass=IN", "qclass=CH"},
        {SAMPLE_CHAIN, "answers.name=edge.cdn.test", "answers.name=cdn.test"},
        {SAMPLE_A, "answers.name=www.example.com", "answers.name=www.example.net"},
        {SAMPLE_CHAIN, "answers.type=AAAA", "answers.type=MX"},
        {SAMPLE_CHAIN, "answers.ttl=60", "answers.ttl<20"},
        {SAMPLE_CHAIN, "answers=10.0.0.2", "answers=10.0.0.3"},
        {SAMPLE_CHAIN, "answers=10.0.0.0/8", "answers=192.168.0.0/16"},
        {SAMPLE_CHAIN, "answers=2001:DB8:0:0::1", "answers=2001:db8::2"},
        {SAMPLE_CHAIN, "answers.data=Edge.cdn.test", "answers.data=shop.example.com"},
        {SAMPLE_CHAIN, "answers~edge*", "answers!~edge*"},
        {SAMPLE_NXDOMAIN, "authority_count=1", "authority_count=0"},
        {SAMPLE_A, "additional_count=1", "additional_count=0"},
        {SAMPLE_CHAIN, "answer_count>3", "answer_count<4"},
        {SAMPLE_CHAIN, "min_ttl=20", "min_ttl=null"},
        {SAMPLE_A, "edns=true", "edns=false"},
        {SAMPLE_TIMEOUT, "edns=null", "edns=yes"},
        {SAMPLE_A, "edns.version=0", "edns.version>0"},
        {SAMPLE_NXDOMAIN, "edns.udp_size=1400", "edns.udp_size>1400"},
        {SAMPLE_A, "edns.do=true", "edns.do=false"},
        {SAMPLE_A, "edns.ecs=192.0.2.0/24/20", "edns.ecs=null"},
        {SAMPLE_A, "edns.nsid=n1", "edns.nsid=n2"},
        {SAMPLE_A, "edns.cookie~0102*", "edns.cookie~02*"},
        {SAMPLE_A, "edns.keepalive=null", "edns.keepalive>0"},
        {SAMPLE_A, "edns.padding=null", "edns.padding>=0"},
        {SAMPLE_SERVFAIL, "edns.ede=stale-answer", "edns.ede=blocked"},
        {SAMPLE_SERVFAIL, "edns.ede=6", "edns.ede=7"},
        {SAMPLE_SERVFAIL, "edns.ede.extra~bad*", "edns.ede.extra=bad"},
        {SAMPLE_A, "query_bytes=55", "query_bytes>55"},
        {SAMPLE_A, "response_bytes<1k", "response_bytes=null"},
        {SAMPLE_TIMEOUT, "retransmits=2", "retransmits=0"},
        {SAMPLE_A, "interface=eth0", "interface~veth*"},
        {SAMPLE_A, "netns=4026531840", "netns=1"},
        {SAMPLE_CHAIN, "hops=3", "hops=1"},
        {SAMPLE_CHAIN, "hops.interface=ens3", "hops.interface=lo"},
        {SAMPLE_CHAIN, "hops.netns=4026531840", "hops.netns=7"},
        {SAMPLE_CHAIN, "hops.latency=2.4ms", "hops.latency<2ms"},
        {SAMPLE_A, "pid=4242", "pid=null"},
        {SAMPLE_A, "tid=4242", "tid=1"},
        {SAMPLE_A, "comm=dig", "comm=Dig"},
        {SAMPLE_A, "comm~DIG", "comm~di"},
        {SAMPLE_A, "exe=/usr/bin/dig", "exe~*/drill"},
        {SAMPLE_A, "uid=1000", "uid=0"},
        {SAMPLE_CHAIN, "server_pid=53", "server_pid=54"},
        {SAMPLE_CHAIN, "server_comm=coredns", "server_comm=unbound"},
        {SAMPLE_CHAIN, "cgroup~/kubepods*", "cgroup=null"},
        {SAMPLE_CHAIN, "container_id~0123*", "container_id=0123"},
        {SAMPLE_A, "unit=session-1.scope", "unit=sshd.service"},
        {SAMPLE_CHAIN, "pod=web-7d9 namespace=shop workload=web node=node-a", "pod=x"},
        {SAMPLE_A, "drop_reason=null drop_location=null", "drop_reason~*"},
        {SAMPLE_MALFORMED, "malformed~response:*", "malformed=null"},
        {SAMPLE_MALFORMED, "marks=duplicate_response", "marks=cut,late_response"},
        {SAMPLE_REFUSED, "icmp=port_unreachable", "icmp=null"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_match(cases[i].kind, cases[i].yes);
        assert_no_match(cases[i].kind, cases[i].no);
    }
}

/* A comparison with what is absent is false, and its negation true. */
static void absent_values(void **state)
{
    (void)state;
    assert_no_match(SAMPLE_TIMEOUT, "rcode=NOERROR");
    assert_match(SAMPLE_TIMEOUT, "rcode!=NOERROR");
    assert_match(SAMPLE_TIMEOUT, "not rcode=NOERROR");
    assert_no_match(SAMPLE_TIMEOUT, "rcode!=NOERROR rcode!=null");
    assert_no_match(SAMPLE_TIMEOUT, "latency>0");
    assert_no_match(SAMPLE_TIMEOUT, "latency<=1s");
    assert_match(SAMPLE_TIMEOUT, "latency=null");
    assert_match(SAMPLE_TIMEOUT, "rcode=null,SERVFAIL");
    assert_match(SAMPLE_SERVFAIL, "rcode=null,SERVFAIL");
    assert_no_match(SAMPLE_A, "rcode=null,SERVFAIL");
    assert_match(SAMPLE_TIMEOUT, "answers!=10.0.0.1");
    assert_no_match(SAMPLE_TIMEOUT, "answers!=null");
    assert_no_match(SAMPLE_BARE, "qname~*");
    assert_no_match(SAMPLE_BARE, "\"\"");
    assert_match(SAMPLE_BARE, "id=0 flags=null qtype=null opcode=null");
}

static void several_values(void **state)
{
    (void)state;
    assert_match(SAMPLE_CHAIN, "answers=10.0.0.1 answers=10.0.0.2");
    assert_no_match(SAMPLE_CHAIN, "answers!=10.0.0.1");
    assert_match(SAMPLE_CHAIN, "answers=1.1.1.1,10.0.0.1");
    assert_match(SAMPLE_CHAIN, "answers.ttl<30 answers.ttl>50");
    assert_match(SAMPLE_CHAIN, "hops.interface~veth*");
    assert_match(SAMPLE_CHAIN, "answers~*.cdn.test answers~*.CDN.test.");
}

static void families(void **state)
{
    (void)state;
    assert_match(SAMPLE_V6, "client=2001:db8::/32");
    assert_match(SAMPLE_V6, "client=::/0");
    assert_no_match(SAMPLE_V6, "client=0.0.0.0/0");
    assert_match(SAMPLE_A, "client=0.0.0.0/0");
    assert_no_match(SAMPLE_A, "client=::/0");
}

static void words_and_globs(void **state)
{
    (void)state;
    assert_match(SAMPLE_A, "EXAMPLE");
    assert_no_match(SAMPLE_A, "examples");
    assert_match(SAMPLE_A, "www example");
    assert_match(SAMPLE_A, "*.example.com");
    assert_match(SAMPLE_A, "qname~www.*");
    assert_match(SAMPLE_A, "qname~*exam*");
    assert_match(SAMPLE_A, "qname~w?w.*.co?");
    assert_match(SAMPLE_A, "qname~*w*w*w*com");
    assert_no_match(SAMPLE_A, "qname~*w*w*w*w*com");
    assert_no_match(SAMPLE_A, "qname~w??w*");
    assert_match(SAMPLE_A, "qname~*");
    assert_match(SAMPLE_A, "qname~***");
    assert_no_match(SAMPLE_A, "qname~\\*.example.com");
    assert_match(SAMPLE_V6, "qname=. rcode=BADVERS");
    assert_no_match(SAMPLE_A, "qname~\"\"");
}

static void combinations(void **state)
{
    (void)state;
    assert_match(SAMPLE_A, "");
    assert_match(SAMPLE_A, "comm=dig rcode=NOERROR");
    assert_no_match(SAMPLE_A, "comm=dig rcode=SERVFAIL");
    assert_match(SAMPLE_A, "comm=curl or rcode=NOERROR");
    assert_match(SAMPLE_A, "comm=dig or comm=curl rcode=SERVFAIL");
    assert_no_match(SAMPLE_A, "(comm=dig or comm=curl) rcode=SERVFAIL");
    assert_match(SAMPLE_A, "not (comm=curl or comm=wget)");
    assert_no_match(SAMPLE_A, "not not comm=curl");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field),     cmocka_unit_test(absent_values),
        cmocka_unit_test(several_values),  cmocka_unit_test(families),
        cmocka_unit_test(words_and_globs), cmocka_unit_test(combinations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
