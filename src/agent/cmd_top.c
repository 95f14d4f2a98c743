/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/args.h"
#include "agent/ask_private.h"
#include "agent/commands.h"
#include "agent/stop_signal.h"
#include "cli/top_view.h"
#include "cli/trace_view.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    WAIT_MS = 200,
    LINES_FIRST = 50, /* to ask for before the terminal's size is known */
    ANSWER_MAX = 16 << 20,
};

#define PERIOD_NS  NS_PER_SEC
#define TIMEOUT_NS (30 * NS_PER_SEC)

struct top {
    struct ask asker; /* command and token, for errors */
    struct client *client;
    struct top_view view;
    struct answer *answer;
    struct buf body;
    bool asking;
    const struct field *asked; /* the field of the request that is under way */
    int64_t asked_ns;          /* CLOCK_MONOTONIC, of the last one */
};

static volatile sig_atomic_t continued;

static void on_continue(int number)
{
    (void)number;
    continued = 1;
}

/* ---- questions ---- */

static bool on_body(void *ctx, const char *data, size_t len)
{
    struct top *t = ctx;
    if (t->body.len + len > ANSWER_MAX)
        return false;
    buf_put(&t->body, data, len);
    return !t->body.failed;
}

static int ask_begin(struct top *t, unsigned lines, struct client_error *error)
{
    const struct top_view *v = &t->view;
    struct buf metrics = {0}, order = {0}, from = {0};
    char limit[16];
    for (int i = 0; i < TOP_COLUMNS; i++)
        buf_printf(&metrics, "%s%s", i ? "," : "", top_metrics[i]);
    buf_printf(&order, "%s%s", v->ascending ? "" : "-", top_metrics[v->sort]);
    buf_printf(&from, "-%llds", (long long)(v->window_ns / NS_PER_SEC));
    snprintf(limit, sizeof(limit), "%u", lines < STORE_GROUPS_MAX ? lines : STORE_GROUPS_MAX);
    t->asked = v->fields[v->field].field;
    const struct client_request request = {
        .path = "/api/v1/top",
        .params = {{"by", t->asked->name},
                   {"metrics", buf_cstr(&metrics)},
                   {"order", buf_cstr(&order)},
                   {"from", buf_cstr(&from)},
                   {"limit", limit},
                   {"filter", v->filter[0] ? v->filter : NULL}},
        .timeout_ns = TIMEOUT_NS,
    };
    buf_clear(&t->body);
    int r = client_begin(t->client, &request, on_body, t, error);
    buf_done(&metrics);
    buf_done(&order);
    buf_done(&from);
    t->asked_ns = clock_ns(CLOCK_MONOTONIC);
    t->asking = r == 0;
    return r;
}

static int take_answer(struct top *t, struct client_error *error)
{
    struct answer *a = NULL;
    json_t *json = json_loadb(t->body.len ? t->body.data : "", t->body.len, JSON_ALLOW_NUL, NULL);
    int r = json ? answer_from_json(&a, json) : -EPROTO;
    json_decref(json);
    if (!r && a->by_count != 1)
        r = -EPROTO;
    if (!r)
        r = answer_arrange(a, top_metrics, TOP_COLUMNS);
    if (r < 0) {
        answer_free(a);
        snprintf(error->message, sizeof(error->message),
                 "the agent's answer cannot be read; is it of another version?");
        return r;
    }
    answer_free(t->answer);
    t->answer = a;
    t->view.answer = a;
    t->view.answered = t->asked;
    return 0;
}

/* One turn of the request under way, or only of waiting for keys. */
static bool step(struct top *t)
{
    struct client_error error = {0};
    struct pollfd keys = {.fd = STDIN_FILENO, .events = POLLIN};
    if (!t->asking) {
        poll(&keys, 1, WAIT_MS);
        return false;
    }
    int r = client_step(t->client, STDIN_FILENO, WAIT_MS, &error);
    if (r == -EINPROGRESS)
        return false;
    t->asking = false;
    if (!r)
        r = take_answer(t, &error);
    t->view.message[0] = '\0';
    if (r < 0 && r != -ECANCELED)
        snprintf(t->view.message, sizeof(t->view.message), "%s", error.message);
    return true;
}

static void run(struct top *t)
{
    bool draw = true, due;
    struct client_error error;
    while (!stop_signal_seen() && !t->view.quit) {
        int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
        due = !t->view.paused && !t->asking && now_ns - t->asked_ns >= PERIOD_NS;
        if (t->view.changed || due) {
            t->view.changed = false;
            client_cancel(t->client);
            ask_begin(t, top_view_lines(), &error);
        }
        if (continued) {
            continued = 0;
            top_view_again();
            draw = true;
        }
        if (draw)
            top_view_draw(&t->view);
        draw = step(t);
        draw = top_view_keys(&t->view) || draw;
    }
}

/* ---- arguments ---- */

struct top_arguments {
    struct ask_options ask;
    const char *by;
    int64_t window_ns;
    bool no_color;
};

static int parse(struct top_arguments *a, int argc, char **argv, int *first)
{
    const struct option_spec options[] = {
        {.name = "by",
         .letter = 'b',
         .type = OPTION_TEXT,
         .value_name = "FIELD",
         .value = &a->by,
         .example = "server",
         .help = "the field to begin with (default qname); keys change it"},
        {.name = "window",
         .letter = 'w',
         .type = OPTION_DURATION,
         .value_name = "DURATION",
         .value = &a->window_ns,
         .min = NS_PER_SEC,
         .max = 86400 * NS_PER_SEC,
         .example = "5m",
         .help = "how far back the figures go (default 1m)"},
        ARGS_NO_COLOR(a->no_color),
        ASK_AGENT_OPTIONS(a->ask),
    };
    static const char *const examples[] = {
        "nameflow top  the names that are asked for most",
        "nameflow top --by comm 'outcome!=answered'  whose queries are not answered",
        NULL,
    };
    const struct command_spec spec = {
        .name = "top",
        .arguments = "[FILTER]",
        .summary = "Shows names, servers, clients, processes, types or response codes with their "
                   "rate, errors and latency, full screen and renewed each second, from the "
                   "running agent. '?' lists the keys.",
        .options = options,
        .option_count = sizeof(options) / sizeof(options[0]),
        .examples = examples,
    };
    return args_parse(&spec, argc, argv, first);
}

static int prepare(struct top *t, const struct top_arguments *a, int argc, char **argv, int first)
{
    const struct field *by = NULL;
    struct filter *filter = NULL;
    struct buf text = {0};
    if (a->by && !(by = field_find(a->by, strlen(a->by)))) {
        const char *best = field_nearest(a->by, strlen(a->by));
        return args_usage("top", "--by: there is no field '%.60s'%s%s%s", a->by,
                          best ? "; did you mean " : "", best ? best : "", best ? "?" : "");
    }
    top_view_init(&t->view, by);
    int r = args_filter(argc, argv, first, &filter);
    filter_free(filter);
    args_join(argc, argv, first, &text);
    if (r < 0 && text.len >= TOP_FILTER_MAX)
        r = args_usage("top", "the filter is longer than %d bytes", TOP_FILTER_MAX - 1);
    if (r < 0) {
        memcpy(t->view.filter, buf_cstr(&text), text.len + 1);
        if (a->window_ns)
            t->view.window_ns = a->window_ns;
        t->view.color = !a->no_color && trace_view_wants_color(STDOUT_FILENO);
        t->view.utf8 = trace_view_speaks_utf8();
    }
    buf_done(&text);
    return r;
}

/* The first answer is waited for before the terminal is taken over: what can go wrong from the
 * start is said plainly. */
static int begin(struct top *t, const struct top_arguments *a)
{
    struct client_options client;
    struct client_error error;
    int r = ask_client_options(&a->ask, "top", t->asker.token, &client);
    if (r >= 0)
        return r;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
        fprintf(stderr,
                "nameflow top: this is not a terminal; 'nameflow query --by %s' prints the "
                "same figures once\n",
                t->view.fields[t->view.field].field->name);
        return EXIT_FAILED;
    }
    int e = client_new(&t->client, &client, &error);
    if (e == -EINVAL)
        return args_usage("top", "--url: %s", error.message);
    if (!e)
        e = ask_begin(t, LINES_FIRST, &error);
    while (!e && t->asking) {
        e = client_step(t->client, -1, WAIT_MS, &error);
        t->asking = e == -EINPROGRESS;
        e = t->asking ? 0 : e;
    }
    if (!e)
        e = take_answer(t, &error);
    return e < 0 ? ask_api_failed(&t->asker, e, &error, t->view.filter) : -1;
}

int cmd_top(int argc, char **argv)
{
    struct top_arguments arguments = {0};
    struct top t = {.asker = {.command = "top"}};
    int first;
    int r = parse(&arguments, argc, argv, &first);
    if (r < 0)
        r = prepare(&t, &arguments, argc, argv, first);
    if (r < 0) {
        stop_signal_catch(HANGUP_STOPS);
        r = begin(&t, &arguments);
    }
    if (r < 0) {
        struct sigaction action = {.sa_handler = on_continue};
        r = top_view_open(&t.view);
        if (r < 0) {
            fprintf(stderr, "nameflow top: the terminal '%s' cannot be used\n",
                    getenv("TERM") ? getenv("TERM") : "");
            r = EXIT_FAILED;
        } else {
            sigaction(SIGCONT, &action, NULL);
            run(&t);
            top_view_close();
            r = EXIT_DONE;
        }
    }
    client_free(t.client);
    answer_free(t.answer);
    buf_done(&t.body);
    return r;
}
