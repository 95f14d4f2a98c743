/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/serve.h"

#include "agent/args.h"
#include "agent/commands.h"
#include "agent/ledger.h"
#include "agent/probe_report.h"
#include "agent/serve_status.h"
#include "agent/service.h"
#include "agent/state_folder.h"
#include "agent/stop_signal.h"
#include "agent/watch.h"
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    POLL_MS = 20,
    PUBLISH_MS = 200,
    TELL_S = 10,         /* how often the service manager is told figures, and the log losses */
    STORE_END_MS = 1200, /* of the two seconds in which the agent has to end */
};

struct serve {
    const struct serve_settings *settings;
    const struct config *config;
    struct service service;
    bool on_terminal; /* when it was started: the terminal may be closed at any moment */
    int state_lock;
    char token_file[PATH_MAX];
    struct store *store;
    struct watch *watch;
    struct http *http;
    struct ledger *ledger;
    struct serve_status status;
    int64_t published_ns, entered_ns, told_ns, fed_ns;
    uint64_t logged_lost, logged_store_lost;
};

/* ---- records ---- */

static void on_record(void *ctx, struct record *r)
{
    struct serve *s = ctx;
    if (s->store)
        store_push(s->store, r);
    if (s->http) {
        http_metrics_push(s->http, r);
        http_live_push(s->http, r);
    }
}

/* ---- the start ---- */

static void on_libbpf(bool warning, const char *line)
{
    if (warning)
        log_notice("libbpf", log_text("text", line));
    else
        log_debug("libbpf", log_text("text", line));
}

static void on_store_notice(void *ctx, const char *text)
{
    (void)ctx;
    log_warning("store", log_text("notice", text));
}

/* A failure of the start is a line for whoever started it, not an entry among others. */
static int fail(int exit_code, const char *err)
{
    fprintf(stderr, "nameflow serve: %s\n", err);
    return exit_code;
}

static int take_state(struct serve *s)
{
    char err[PATH_MAX + 256];
    s->state_lock = state_folder_take(s->config->state, err, sizeof(err));
    if (s->state_lock == -EACCES || s->state_lock == -EPERM)
        return fail(EXIT_NOT_ALLOWED, err);
    if (s->state_lock < 0)
        return fail(EXIT_FAILED, err);
    snprintf(s->token_file, sizeof(s->token_file), "%s/token", s->config->state);
    return EXIT_DONE;
}

/* After the store, which makes room on a full disk. */
static int open_ledger(struct serve *s)
{
    char path[PATH_MAX], err[PATH_MAX + 128];
    if (snprintf(path, sizeof(path), "%s/ledger", s->config->state) >= (int)sizeof(path))
        return fail(EXIT_FAILED, "the name of the state folder is too long");
    int r = ledger_open(&s->ledger, path, clock_ns(CLOCK_REALTIME), err, sizeof(err));
    return r < 0 ? fail(EXIT_FAILED, err) : EXIT_DONE;
}

static int open_watch(struct serve *s)
{
    const struct config *c = s->config;
    struct watch_options o = {
        .tap = {.ring_bytes = (uint32_t)c->ring_bytes, .sample = (uint32_t)c->sample},
        .txn = {.timeout_ns = c->timeout_ns},
    };
    char err[512] = "";
    args_ports(&c->ports, o.tap.ports, &o.tap.port_count);
    tap_log_to(on_libbpf);
    int r = watch_open(&s->watch, &o, on_record, s, err, sizeof(err));
    if (r < 0)
        return fail(watch_exit_code(r), err);
    const char *missing;
    for (size_t i = 0; (missing = watch_missing(s->watch, i)); i++)
        log_warning("not all can be seen here", log_text("missing", missing));
    return EXIT_DONE;
}

static int open_store(struct serve *s)
{
    const struct config *c = s->config;
    bool memory = c->store == CONFIG_STORE_MEMORY;
    if (c->store == CONFIG_STORE_NONE)
        return EXIT_DONE;
    const struct store_options o = {
        .kind = memory ? STORE_MEMORY : STORE_DUCKDB,
        .folder = c->state,
        .max_bytes = memory ? c->store_memory_bytes : c->store_max_bytes,
        .max_age_ns = c->store_max_age_ns,
        .rollup_age_ns = c->rollup_max_age_ns,
        .threads = (unsigned)c->store_threads,
        .memory_bytes = c->store_memory_bytes,
        .notice = on_store_notice,
    };
    char err[512] = "";
    /* The engine makes files at any time; they are nobody's business. */
    umask(077);
    int r = store_open(&s->store, &o, err, sizeof(err));
    if (r == 0)
        return EXIT_DONE;
    fail(EXIT_FAILED, err);
    if (r == -ELIBACC)
        fprintf(stderr, "With --store memory or --store none the agent runs without it.\n");
    return EXIT_FAILED;
}

static void put_address(const struct option_address *a, char *out, size_t size)
{
    char text[INET_TEXT_MAX];
    inet_addr_format(&a->address, text);
    snprintf(out, size, inet_addr_is_v4(&a->address) ? "%s:%u" : "[%s]:%u", text, a->port);
}

static bool wants_socket(const struct config *c)
{
    return strcmp(c->socket, "none") != 0;
}

static int open_http(struct serve *s)
{
    const struct config *c = s->config;
    char listen[INET_TEXT_MAX + 16], err[512] = "";
    put_address(&c->listen, listen, sizeof(listen));
    const struct http_options o = {
        .listen = c->listen.none ? NULL : listen,
        .socket_path = wants_socket(c) ? c->socket : NULL,
        .token_file = s->token_file,
        .metrics_public = c->metrics_public,
        .store = s->store,
        .status = serve_status_fill,
        .status_ctx = &s->status,
        .losses = ledger_to_json,
        .losses_ctx = s->ledger,
        .version = NAMEFLOW_VERSION,
    };
    int r = wants_socket(c) ? state_folder_of_file(c->socket) : 0;
    if (r < 0)
        snprintf(err, sizeof(err), "the folder of %s: %s", c->socket, strerror(-r));
    else
        r = http_new(&s->http, &o, err, sizeof(err));
    return r < 0 ? fail(EXIT_FAILED, err) : EXIT_DONE;
}

/* Signals are for the main thread, whose waiting they end: threads that start meanwhile inherit
 * that they are blocked. */
static int open_all(struct serve *s)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    probe_report_all(&s->status.kernel);
    int r = open_watch(s);
    if (r == EXIT_DONE)
        r = open_store(s);
    s->status.store = s->store;
    if (r == EXIT_DONE)
        r = open_ledger(s);
    if (r == EXIT_DONE)
        r = open_http(s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

/* One line for the person who started it, or an entry for the journal. */
static void say_where(const struct serve *s)
{
    const struct config *c = s->config;
    const char *url = http_url(s->http);
    struct buf b = {0};
    if (log_to_journal()) {
        log_notice("started", log_text("version", NAMEFLOW_VERSION), log_text("api", url),
                   log_text("token_file", url ? s->token_file : NULL),
                   log_text("socket", wants_socket(c) ? c->socket : NULL),
                   log_text("store", s->store ? store_engine(s->store) : "none"));
        return;
    }
    /* The token opens everything: only before the eyes of a person. */
    if (s->on_terminal) {
        buf_puts(&b, "nameflow: the console is at ");
        if (http_console_url(s->http, &b))
            buf_putc(&b, '\n');
        else
            buf_clear(&b);
    }
    buf_puts(&b, "nameflow: the API is at");
    if (url)
        buf_printf(&b, " %s (token in %s)", url, s->token_file);
    if (wants_socket(c))
        buf_printf(&b, "%s %s", url ? " and" : "", c->socket);
    if (!url && !wants_socket(c))
        buf_puts(&b, " no address");
    buf_printf(&b, "; '%s query' and '%s top' ask it, Ctrl-C ends\n", program_invocation_name,
               program_invocation_name);
    fputs(buf_cstr(&b), stderr);
    buf_done(&b);
}

/* ---- SIGHUP ---- */

static void log_lines(const char *text)
{
    while (*text) {
        char line[512];
        size_t n = strcspn(text, "\n");
        snprintf(line, sizeof(line), "%.*s", (int)n, text);
        log_error("the configuration is not right; what was before stays",
                  log_text("mistake", line));
        text += n + (text[n] == '\n');
    }
}

static void apply(struct serve *s, const struct config *new)
{
    const struct store_limits limits = {
        .max_bytes = new->store_max_bytes,
        .max_age_ns = new->store_max_age_ns,
        .rollup_age_ns = new->rollup_max_age_ns,
    };
    log_set_level((enum log_level) new->log_level);
    if (s->store)
        store_set_limits(s->store, &limits);
    http_set_metrics_public(s->http, new->metrics_public);
    for (size_t i = 0; i < config_option_count; i++) {
        const struct config_option *o = &config_options[i];
        if (!o->reloadable && !o->arguments_only &&
            !option_equal(&o->spec, config_value(new, o), config_value(s->config, o)))
            log_warning("this takes effect when the agent is started again",
                        log_text("option", o->spec.name));
    }
}

static void reload(struct serve *s)
{
    struct config new;
    struct buf text = {0};
    service_tell(&s->service, "RELOADING=1\nMONOTONIC_USEC=%lld",
                 clock_ns(CLOCK_MONOTONIC) / NS_PER_US);
    int r = s->settings->reload(s->settings->ctx, &new, &text);
    if (r == 0)
        apply(s, &new);
    else
        log_lines(buf_cstr(&text));
    config_done(&new);
    buf_done(&text);
    service_tell(&s->service, "READY=1");
    if (r == 0)
        log_notice("configuration read again");
}

/* ---- the loop ---- */

/* What was lost is said once in a while, not once for each. */
static void log_losses(struct serve *s, const struct serve_figures *f, const struct store_stats *st)
{
    if (f->lost > s->logged_lost)
        log_warning("transactions lost: a ring was full (ring_bytes)",
                    log_u64("lost", f->lost - s->logged_lost), log_u64("all", f->lost));
    s->logged_lost = f->lost;
    uint64_t store_lost = st->dropped_queue + st->dropped_failed + st->dropped_memory;
    if (store_lost > s->logged_store_lost)
        log_warning("transactions not stored", log_u64("lost", store_lost - s->logged_store_lost),
                    log_u64("queue_full", st->dropped_queue),
                    log_u64("write_failed", st->dropped_failed),
                    log_u64("no_memory", st->dropped_memory));
    s->logged_store_lost = store_lost;
}

static void tell(struct serve *s, const struct serve_figures *f)
{
    struct store_stats st = {0};
    if (s->store)
        st = store_stats(s->store);
    service_tell(&s->service,
                 "STATUS=%" PRIu64 " transactions seen, %" PRIu64 " lost; %" PRIu64
                 " in the store, %" PRIu64 " MiB",
                 f->txn.transactions, f->lost, st.rows, st.disk_bytes >> 20);
    log_losses(s, f, &st);
}

static void enter_losses(struct serve *s)
{
    struct http_agent_status status = {0};
    serve_status_fill(&s->status, &status);
    int r = ledger_take(s->ledger, &status, clock_ns(CLOCK_REALTIME));
    if (r < 0)
        log_warning("writing the loss ledger", log_errno(r));
}

static void now_and_then(struct serve *s, int64_t now_ns)
{
    if (s->service.watchdog_ns && now_ns - s->fed_ns >= s->service.watchdog_ns / 2) {
        s->fed_ns = now_ns;
        service_tell(&s->service, "WATCHDOG=1");
    }
    if (now_ns - s->published_ns < PUBLISH_MS * NS_PER_MS)
        return;
    s->published_ns = now_ns;
    struct serve_figures f = serve_status_publish(&s->status, s->watch);
    if (now_ns - s->entered_ns >= NS_PER_SEC) {
        s->entered_ns = now_ns;
        enter_losses(s);
    }
    if (now_ns - s->told_ns >= TELL_S * NS_PER_SEC || !s->told_ns) {
        s->told_ns = now_ns;
        tell(s, &f);
    }
}

static int loop(struct serve *s)
{
    while (!stop_signal_seen()) {
        int r = watch_take_in(s->watch, POLL_MS);
        if (r < 0) {
            log_error("reading the ring buffers", log_errno(r));
            return EXIT_FAILED;
        }
        now_and_then(s, clock_ns(CLOCK_MONOTONIC));
        if (!stop_signal_take_reload())
            continue;
        /* Whoever started it by hand has closed the terminal, and does not mean a reload. */
        if (s->on_terminal && !isatty(STDERR_FILENO))
            break;
        reload(s);
    }
    return EXIT_DONE;
}

/* ---- the end ---- */

static void finish(struct serve *s)
{
    watch_drain(s->watch);
    struct serve_figures f = serve_status_publish(&s->status, s->watch);
    enter_losses(s);
    http_free(s->http);
    s->http = NULL;
    if (s->store)
        store_close(s->store, STORE_END_MS * NS_PER_MS);
    s->store = NULL;
    log_info("stopped", log_u64("transactions", f.txn.transactions), log_u64("lost", f.lost));
}

int serve_run(const struct serve_settings *settings)
{
    struct serve s = {.settings = settings, .config = settings->config, .state_lock = -1};
    s.on_terminal = isatty(STDERR_FILENO);
    log_init((enum log_level)s.config->log_level);
    service_init(&s.service);
    serve_status_init(&s.status);
    stop_signal_catch(HANGUP_RELOADS);
    int r = take_state(&s);
    if (r == EXIT_DONE)
        r = open_all(&s);
    if (r == EXIT_DONE) {
        say_where(&s);
        service_tell(&s.service, "READY=1\nSTATUS=watching");
        r = loop(&s);
        service_tell(&s.service, "STOPPING=1\nSTATUS=writing what is left");
        finish(&s);
    }
    http_free(s.http);
    ledger_close(s.ledger);
    if (s.store)
        store_close(s.store, 0);
    watch_close(s.watch);
    serve_status_done(&s.status);
    state_folder_release(s.state_lock);
    service_done(&s.service);
    return r;
}
