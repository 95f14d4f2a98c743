/* SPDX-License-Identifier: Apache-2.0 */
/* Filters as SQL: whatever the filter says, the statement is made of the program's own words; what
 * a person wrote is among the values, one for each placeholder. */
#include "../unit/filter/random_filter.h"
#include "base/hash.h"
#include "store/sql.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define NOW_NS 1795492800000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const struct sql *s)
{
    fprintf(stderr, "%s: %.*s\n", what, (int)s->text.len, s->text.data);
    abort();
}

static bool is_one_of(const char *const *words, const char *text, size_t len)
{
    for (size_t i = 0; words[i]; i++)
        if (strlen(words[i]) == len && memcmp(words[i], text, len) == 0)
            return true;
    return false;
}

static bool is_keyword(const char *text, size_t len)
{
    static const char *const words[] = {
        "AND",        "OR",         "NOT",         "IS",        "NULL",    "IN",
        "BETWEEN",    "CASE",       "WHEN",        "THEN",      "END",     "CAST",
        "AS",         "BIGINT",     "VARCHAR",     "BLOB",      "TRUE",    "true",
        "false",      "lambda",     "x",           "coalesce",  "len",     "list_filter",
        "lower",      "contains",   "starts_with", "ends_with", "nf_glob", "nf_glob_name",
        "nf_inet_in", "nf_code_in", "nf_domain",   "nf_suffix", "SELECT",  "FROM",
        "WHERE",      "origins",    "answer_sets", "extras",    NULL,
    };
    return is_one_of(words, text, len);
}

static bool is_column(const char *text, size_t len)
{
    static const char *const parts[] = {
        "answers",   "name",          "type", "data",     "code", "extra", "ede",           "ttl",
        "origin_id", "answer_set_id", "ttls", "extra_id", "path", "lag",   "hop_latencies", NULL};
    if (field_find(text, len) || is_one_of(parts, text, len))
        return true;
    const struct field *f;
    for (size_t i = 0; (f = field_at(i)); i++) {
        const char *dot = strrchr(f->name, '.');
        if (dot && strlen(dot + 1) == len && memcmp(dot + 1, text, len) == 0)
            return true;
    }
    return false;
}

/* The word at i, of which the kind is known by its first byte; returns where it ends. */
static size_t check_word(const struct sql *s, size_t i, size_t *placeholders)
{
    const char *t = s->text.data;
    size_t len = s->text.len, end = i + 1;
    if (t[i] == '"') {
        while (end < len && t[end] != '"')
            end++;
        if (end == len || !is_column(t + i + 1, end - i - 1))
            fail("not a column", s);
        return end + 1;
    }
    if (len - i >= 2 && memcmp(t + i, "''", 2) == 0)
        return i + 2;
    if (t[i] == '\'') {
        if (len - i < 3 || memcmp(t + i, "':'", 3) != 0)
            fail("a text", s);
        return i + 3;
    }
    while (end < len && (isalnum((unsigned char)t[end]) || t[end] == '_'))
        end++;
    if (t[i] == '$') {
        ++*placeholders;
        if (strtoul(t + i + 1, NULL, 10) != *placeholders)
            fail("a placeholder out of order", s);
    } else if (isdigit((unsigned char)t[i])) {
        if (end - i > 2)
            fail("a number", s);
    } else if (isalpha((unsigned char)t[i])) {
        if (!is_keyword(t + i, end - i))
            fail("not a word of ours", s);
    } else if (!strchr(" ().,:=<>&-", t[i])) {
        fail("a byte", s);
    } else {
        end = i + 1;
    }
    return end;
}

/* Takes the filter over. */
static void check(struct filter *f)
{
    struct sql s;
    size_t placeholders = 0;
    sql_init(&s);
    sql_filter(&s, f);
    if (s.failed)
        fail("failed", &s);
    for (size_t i = 0; i < s.text.len;)
        i = check_word(&s, i, &placeholders);
    if (placeholders != s.count)
        fail("values and placeholders", &s);
    for (size_t i = 0; i < s.count; i++)
        if (s.values[i].kind == SQL_TEXT &&
            utf8_clean_len(s.values[i].data, s.values[i].len) != s.values[i].len)
            fail("a value that the engine refuses", &s);
    sql_done(&s);
    filter_free(f);
}

/* The input is a filter, and the seed of one from a grammar. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct sample *samples[SAMPLE_COUNT];
    static struct row rows[SAMPLE_COUNT];
    struct filter *f;
    struct filter_error error;
    struct buf text = {0};
    for (int i = 0; i < SAMPLE_COUNT && !samples[i]; i++) {
        samples[i] = sample_new((enum sample_kind)i);
        if (row_from_record(&rows[i], &samples[i]->record, &samples[i]->arena) < 0)
            abort();
    }
    if (filter_parse((const char *)data, size, NOW_NS, &f, &error) == 0)
        check(f);
    uint64_t seed = hash_bytes(data, size, 0) | 1;
    f = random_filter(&seed, &rows[seed % SAMPLE_COUNT], NOW_NS, &text);
    if (f)
        check(f);
    buf_done(&text);
    return 0;
}
