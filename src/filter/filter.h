/* SPDX-License-Identifier: Apache-2.0 */
/* The filter language (docs/filter.md): text to a tree, and a tree against a record. */
#pragma once

#include "filter/field.h"

struct filter;

struct filter_error {
    size_t column;     /* from 1, in bytes: where it stands */
    size_t width;      /* bytes that are wrong, at least 1 */
    char message[256]; /* one sentence that says what would be right */
};

/* An empty text matches everything. 0, -EINVAL with *error filled, -E2BIG (too long or too deep,
 * *error filled) or -ENOMEM. `now_ns` serves relative times (time>-5m). */
int filter_parse(const char *text, size_t len, int64_t now_ns, struct filter **out,
                 struct filter_error *error);
void filter_free(struct filter *f);
bool filter_match(const struct filter *f, struct record *r);
/* The same answer as for the record that the row was made from. */
bool filter_match_row(const struct filter *f, const struct row *r);
/* Canonical text: parses to an equal tree. */
void filter_to_text(const struct filter *f, struct buf *out);
/* Prints the text with a marker below the mistake and the message: three lines, for a terminal. */
void filter_error_show(const char *text, size_t len, const struct filter_error *error,
                       struct buf *out);
