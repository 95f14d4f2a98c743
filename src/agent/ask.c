/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ask.h"

#include "agent/args.h"
#include "agent/ask_private.h"
#include "agent/commands.h"
#include "agent/stop_signal.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* The file's text without the white space around it. */
static int read_token(const char *path, char out[ASK_TOKEN_MAX])
{
    FILE *f = fopen(path, "re");
    if (!f)
        return -errno;
    size_t n = fread(out, 1, ASK_TOKEN_MAX, f);
    int error = ferror(f) ? EIO : n == ASK_TOKEN_MAX ? EFBIG : 0;
    fclose(f);
    while (n && isspace((unsigned char)out[n - 1]))
        n--;
    if (!error && !n)
        error = ENODATA;
    for (size_t i = 0; i < n && !error; i++)
        if (!isgraph((unsigned char)out[i]))
            error = EBADMSG;
    if (!error)
        out[n] = '\0';
    return -error;
}

int ask_client_options(const struct ask_options *o, const char *command, char token[ASK_TOKEN_MAX],
                       struct client_options *client)
{
    *client = (struct client_options){
        .socket = o->socket, .url = o->url, .token = o->token, .stopped = stop_signal_seen};
    if (o->url && o->socket)
        return args_usage(command, "--url and --socket exclude each other");
    if (o->token && o->token_file)
        return args_usage(command, "--token and --token-file exclude each other");
    if ((o->token || o->token_file) && !o->url)
        return args_usage(command, "a token goes with --url; the socket needs none");
    if (o->token && (!o->token[0] || strpbrk(o->token, " \t\r\n")))
        return args_usage(command, "--token: a token is one word");
    if (!o->token_file)
        return -1;
    int r = read_token(o->token_file, token);
    if (r < 0) {
        fprintf(stderr, "nameflow: --token-file %s: %s\n", o->token_file,
                r == -ENODATA || r == -EBADMSG || r == -EFBIG ? "there is no token in it"
                                                              : strerror(-r));
        return EXIT_FAILED;
    }
    client->token = token;
    return -1;
}

int ask_open(struct ask **out, const struct ask_options *o, const char *command)
{
    struct ask *a = calloc(1, sizeof(*a));
    struct client_options client;
    struct client_error error;
    *out = NULL;
    if (!a) {
        fprintf(stderr, "nameflow: out of memory\n");
        return EXIT_FAILED;
    }
    a->command = command;
    int r = ask_client_options(o, command, a->token, &client);
    if (r < 0 && o->store && (o->socket || o->url))
        r = args_usage(command, "--store asks a folder, --%s an agent: they exclude each other",
                       o->url ? "url" : "socket");
    if (r < 0 && o->store) {
        r = ask_store_open(a, o->store);
    } else if (r < 0) {
        int e = client_new(&a->client, &client, &error);
        if (e < 0)
            r = e == -EINVAL ? args_usage(command, "--url: %s", error.message)
                             : ask_api_failed(a, e, &error, NULL);
    }
    if (r >= 0) {
        ask_close(a);
        return r;
    }
    *out = a;
    return -1;
}

void ask_close(struct ask *a)
{
    if (!a)
        return;
    client_free(a->client);
    if (a->store)
        store_close(a->store, 0);
    free(a);
}

int ask_rows(struct ask *a, const struct ask_rows *q, store_row_sink *sink, void *ctx)
{
    return a->store ? ask_store_rows(a, q, sink, ctx) : ask_api_rows(a, q, sink, ctx);
}

/* The metrics in the order that was asked for, whatever order they came in. */
static bool arrange(struct answer *a, const struct ask_groups *q)
{
    const char *names[METRIC_COUNT_OF_METRICS];
    for (size_t i = 0; i < q->metric_count; i++)
        names[i] = store_metric_name(q->metrics[i]);
    return answer_arrange(a, names, q->metric_count) == 0;
}

int ask_groups(struct ask *a, const struct ask_groups *q, struct answer **out)
{
    int r = a->store ? ask_store_groups(a, q, out) : ask_api_groups(a, q, out);
    if (r < 0 && !arrange(*out, q)) {
        fprintf(stderr, "nameflow: the agent's answer lacks what was asked for; is it of another "
                        "version?\n");
        answer_free(*out);
        *out = NULL;
        return EXIT_FAILED;
    }
    return r;
}

int ask_heat(struct ask *a, const struct ask_groups *q, struct chart_heat **out)
{
    return a->store ? ask_store_heat(a, q, out) : ask_api_heat(a, q, out);
}

struct chart_heat *ask_heat_new(size_t rows, size_t steps, struct chart_heat_row **row,
                                uint64_t **counts)
{
    struct chart_heat *h =
        calloc(1, sizeof(*h) + rows * sizeof(**row) + rows * steps * sizeof(**counts));
    if (!h)
        return NULL;
    *row = (struct chart_heat_row *)(void *)(h + 1);
    *counts = (uint64_t *)(void *)(*row + rows);
    for (size_t i = 0; i < rows; i++)
        (*row)[i].counts = *counts + i * steps;
    h->rows = *row;
    h->row_count = rows;
    h->step_count = steps;
    return h;
}
