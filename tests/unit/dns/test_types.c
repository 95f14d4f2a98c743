/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/types.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define FROM(kind, text) dns_##kind##_from_name(text, strlen(text))

static void names_types(void **state)
{
    (void)state;
    static const struct {
        uint16_t code;
        const char *name;
    } known[] = {
        {1, "A"},        {2, "NS"},          {28, "AAAA"},      {41, "OPT"},
        {46, "RRSIG"},   {51, "NSEC3PARAM"}, {64, "SVCB"},      {65, "HTTPS"},
        {66, "DSYNC"},   {99, "SPF"},        {128, "NXNAME"},   {252, "AXFR"},
        {255, "ANY"},    {257, "CAA"},       {260, "AMTRELAY"}, {261, "RESINFO"},
        {262, "WALLET"}, {263, "CLA"},       {264, "IPN"},      {32768, "TA"},
        {32769, "DLV"},  {0, "TYPE0"},       {54, "TYPE54"},    {65535, "TYPE65535"},
    };
    char scratch[DNS_MNEMONIC_MAX];
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_string_equal(dns_type_name(known[i].code, scratch), known[i].name);
        assert_int_equal(FROM(type, known[i].name), known[i].code);
    }
}

static void every_code_has_a_name_that_leads_back(void **state)
{
    (void)state;
    char scratch[DNS_MNEMONIC_MAX];
    unsigned assigned = 0;
    for (unsigned code = 0; code <= UINT16_MAX; code++) {
        const char *name = dns_type_name((uint16_t)code, scratch);
        assert_true(strlen(name) < DNS_MNEMONIC_MAX);
        assert_int_equal(FROM(type, name), (int)code);
        assert_int_equal(dns_type_assigned((uint16_t)code), name != scratch);
        assigned += name != scratch;
        name = dns_class_name((uint16_t)code, scratch);
        assert_int_equal(FROM(class, name), (int)code);
        name = dns_rcode_name((uint16_t)code, scratch);
        assert_int_equal(FROM(rcode, name), (int)code);
    }
    assert_int_equal(assigned, 97);
    for (unsigned code = 0; code < 16; code++)
        assert_int_equal(FROM(opcode, dns_opcode_name((uint8_t)code, scratch)), (int)code);
}

static void names_the_rest(void **state)
{
    (void)state;
    char scratch[DNS_MNEMONIC_MAX];
    assert_string_equal(dns_class_name(1, scratch), "IN");
    assert_string_equal(dns_class_name(254, scratch), "NONE");
    assert_string_equal(dns_class_name(32769, scratch), "CLASS32769");
    assert_string_equal(dns_rcode_name(0, scratch), "NOERROR");
    assert_string_equal(dns_rcode_name(16, scratch), "BADVERS");
    assert_string_equal(dns_rcode_name(23, scratch), "BADCOOKIE");
    assert_string_equal(dns_rcode_name(12, scratch), "RCODE12");
    assert_string_equal(dns_opcode_name(4, scratch), "NOTIFY");
    assert_string_equal(dns_opcode_name(3, scratch), "OPCODE3");
    assert_string_equal(dns_ede_text(0), "Other Error");
    assert_string_equal(dns_ede_text(18), "Prohibited");
    assert_string_equal(dns_ede_text(30), "Invalid Query Type");
    assert_null(dns_ede_text(49152));
}

static void reads_what_people_write(void **state)
{
    (void)state;
    assert_int_equal(FROM(type, "aaaa"), 28);
    assert_int_equal(FROM(type, "Nsap-Ptr"), 23);
    assert_int_equal(FROM(type, "*"), 255);
    assert_int_equal(FROM(type, "type65280"), 65280);
    assert_int_equal(FROM(class, "chaos"), 3);
    assert_int_equal(FROM(rcode, "nxdomain"), 3);
    assert_int_equal(FROM(rcode, "badsig"), 16);
    assert_int_equal(FROM(opcode, "update"), 5);
    assert_int_equal(dns_type_from_name("AAAAx", 4), 28);
    assert_int_equal(dns_type_from_name("A\0x", 3), -EINVAL);
    static const char *const wrong[] = {
        "", "AA", "TYPE", "TYPE-1", "TYPE65536", "TYPE1x", "TYPE99999999999999999999"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(FROM(type, wrong[i]), -EINVAL);
    assert_int_equal(FROM(opcode, "OPCODE16"), -EINVAL);
}

static void lists_for_suggestions(void **state)
{
    (void)state;
    size_t n = 0;
    for (; dns_type_at(n); n++)
        assert_true(FROM(type, dns_type_at(n)) >= 0);
    assert_int_equal(n, 97);
    for (n = 0; dns_rcode_at(n); n++)
        assert_true(FROM(rcode, dns_rcode_at(n)) >= 0);
    assert_int_equal(n, 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_types),
        cmocka_unit_test(every_code_has_a_name_that_leads_back),
        cmocka_unit_test(names_the_rest),
        cmocka_unit_test(reads_what_people_write),
        cmocka_unit_test(lists_for_suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
