/* SPDX-License-Identifier: Apache-2.0 */
/* Options of a command, declared once: parsing into typed variables, errors that say what would be
 * right, and the text of --help. */
#pragma once

#include "base/buf.h"
#include "base/inet.h"

enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char *, points into argv */
    OPTION_NUMBER,   /* uint64_t within min..max */
    OPTION_SIZE,     /* uint64_t bytes within min..max: 512, 64k, 8MiB */
    OPTION_DURATION, /* int64_t ns within min..max: 300ms, 10s, 1h30m; a number alone is seconds */
    OPTION_TEXTS,    /* struct option_texts: separated by commas, and again with each use */
    OPTION_NUMBERS,  /* struct option_numbers: likewise, each within min..max */
    OPTION_CHOICE,   /* int: the index of one of `choices` */
    OPTION_ADDRESS,  /* struct option_address: 127.0.0.1:8053, [::1]:8053, localhost:0, none */
};

enum {
    OPTION_LIST_MAX = 64,
};

struct option_texts {
    size_t count;
    struct {
        const char *text; /* not NUL-terminated */
        size_t len;
    } items[OPTION_LIST_MAX];
};

struct option_numbers {
    size_t count;
    uint64_t items[OPTION_LIST_MAX];
};

struct option_address {
    bool none;
    struct inet_addr address;
    uint16_t port;
};

struct option_spec {
    const char *name; /* "count", without dashes */
    char letter;      /* 'n', 0: none */
    enum option_type type;
    const char *value_name;     /* "N", for help; NULL for flags */
    const char *help;           /* what it does, from a small letter on */
    const char *example;        /* a value for error messages; NULL: one that suits the type */
    void *value;                /* of the type's C type; unchanged when not given */
    int64_t min, max;           /* max 0: no bounds */
    bool power_of_two;          /* NUMBER, SIZE: nothing else will do */
    size_t max_items;           /* of lists; 0: OPTION_LIST_MAX */
    const char *const *choices; /* CHOICE: NULL at the end */
};

struct command_spec {
    const char *name;      /* "trace" */
    const char *arguments; /* "[FILTER]", "FILE..." or "" */
    const char *summary;   /* what it does, one or more sentences */
    const struct option_spec *options;
    size_t option_count;
    const char *const *examples; /* whole command lines with a comment after two spaces; NULL at
                                    the end; may be NULL */
    size_t min_arguments, max_arguments; /* max 0: any number; "no arguments" by arguments == "" */
};

enum {
    OPTIONS_HELP = 1,
};

/* Parses argv[1..]; argv[0] is the command. Returns 0 with the other arguments moved to
 * argv[*first..argc-1]; OPTIONS_HELP with the help text in *text, for standard output; or -EINVAL
 * with a message of one or two lines in *text, for standard error and exit code 2. */
int options_parse(const struct command_spec *spec, int argc, char **argv, int *first,
                  struct buf *text);
/* The same help text; `width` columns, 0: 80. */
void options_help(const struct command_spec *spec, unsigned width, struct buf *out);

enum option_place {
    OPTION_IN_ARGUMENTS, /* --store-memory 128MiB */
    OPTION_IN_FILE,      /* store_memory: 128MiB */
};

/* Takes one value, of lists one item or several; flags are true or false. 0, or -EINVAL with one
 * line in *text that names the option as it is written at that place. Texts point into `value`. */
int option_value(const struct option_spec *o, const char *value, enum option_place place,
                 struct buf *text);
/* The option's name as it is written at that place, without dashes before it. */
void option_put_name(struct buf *b, const struct option_spec *o, enum option_place place);
/* Whether two values of the option's type are the same. */
bool option_equal(const struct option_spec *o, const void *a, const void *b);
