/* SPDX-License-Identifier: Apache-2.0 */
/* What the agent is told: defaults, then its configuration file, then its command line, each over
 * the one before. One table declares every option for both: in the file its name has underscores
 * instead of dashes. */
#pragma once

#include "base/arena.h"
#include "cli/options.h"

enum config_store {
    CONFIG_STORE_DUCKDB,
    CONFIG_STORE_MEMORY,
    CONFIG_STORE_NONE,
};

struct config {
    const char *file; /* --config, or the default file where there is one; NULL: none */
    bool check_config;
    struct option_address listen;
    const char *socket; /* a path, or "none" */
    const char *state;  /* a folder */
    struct option_numbers ports;
    int64_t timeout_ns;
    uint64_t sample, ring_bytes; /* ring_bytes 0: the tap chooses */
    int store;                   /* enum config_store */
    uint64_t store_max_bytes, store_memory_bytes, store_threads;
    int64_t store_max_age_ns, rollup_max_age_ns;
    bool metrics_public;
    int log_level;      /* enum log_level */
    struct arena texts; /* of the file */
};

struct config_option {
    struct option_spec spec;  /* without `value` */
    size_t offset;            /* of the value in struct config */
    const char *default_text; /* NULL: absent, or as the help says */
    bool reloadable;          /* takes effect on SIGHUP */
    bool arguments_only;      /* not in the file */
};

extern const char *const config_default_file; /* read where there is one */
extern const struct config_option config_options[];
extern const size_t config_option_count;

void config_init(struct config *c); /* the defaults */
void config_done(struct config *c);

/* Reads the file over what is in *c. 0, -EINVAL with a line for each mistake in *text
 * (FILE:LINE:COLUMN: ...), or another negative errno with one line. */
int config_read_file(struct config *c, const char *path, struct buf *text);

/* Initialises *c from defaults, file and arguments; config_done in any case. Returns as
 * options_parse does; other negative errnos when the file cannot be read. */
int config_load(struct config *c, const struct command_spec *command, int argc, char **argv,
                struct buf *text);

static inline void *config_value(const struct config *c, const struct config_option *o)
{
    return (char *)(uintptr_t)c + o->offset;
}
