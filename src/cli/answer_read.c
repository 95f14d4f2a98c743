/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as the API gives them. */
#include "base/clock.h"
#include "cli/answer.h"
#include "filter/scalar.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>

static int read_texts(struct answer *a, const json_t *list, const char **out)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item))
            return -EPROTO;
        out[i] = answer_text(a, json_string_value(item), json_string_length(item));
        if (!out[i])
            return -ENOMEM;
    }
    return 0;
}

static int read_figures(struct answer *a, const json_t *object, struct answer_group *g)
{
    for (size_t m = 0; m < a->metric_count; m++) {
        const json_t *v = json_object_get(object, a->metrics[m]);
        if (!a->step_count) {
            if (json_is_number(v))
                *answer_value(a, g, m, 0) = json_number_value(v);
            continue;
        }
        for (size_t s = 0; s < a->step_count && s < json_array_size(v); s++)
            if (json_is_number(json_array_get(v, s)))
                *answer_value(a, g, m, s) = json_number_value(json_array_get(v, s));
    }
    return 0;
}

/* Keys are texts; numbers are taken as well. */
static int read_keys(struct answer *a, const json_t *keys, struct answer_group *g)
{
    for (size_t i = 0; i < a->by_count; i++) {
        const json_t *key = json_array_get(keys, i);
        char number[32];
        if (!key)
            return -EPROTO;
        if (json_is_null(key))
            continue;
        if (json_is_integer(key)) {
            int n = snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(key));
            g->key[i] = answer_text(a, number, (size_t)n);
        } else if (json_is_string(key)) {
            g->key[i] = answer_text(a, json_string_value(key), json_string_length(key));
        } else {
            return -EPROTO;
        }
        if (!g->key[i])
            return -ENOMEM;
    }
    return 0;
}

static int read_groups(struct answer *a, const json_t *groups)
{
    size_t i;
    json_t *group;
    json_array_foreach(groups, i, group)
    {
        int r = read_keys(a, json_object_get(group, "key"), &a->groups[i]);
        if (!r)
            r = read_figures(a, group, &a->groups[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int64_t read_time(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    int64_t first = 0, last;
    if (!text || !scalar_time(text, strlen(text), 0, &first, &last))
        return 0;
    return first;
}

void answer_read_range(const json_t *json, int64_t *from_ns, int64_t *until_ns, int64_t *start_ns,
                       int64_t *step_ns)
{
    double step = json_number_value(json_object_get(json, "step_seconds"));
    *from_ns = read_time(json, "from");
    *until_ns = read_time(json, "until");
    *start_ns = read_time(json, "start");
    *step_ns = step > 0 && step < 1e9 ? (int64_t)(step * (double)NS_PER_SEC + 0.5) : 0;
}

/* How many steps the figures have: the longest list of all. */
static size_t count_steps(const json_t *json)
{
    const json_t *overall = json_object_get(json, "overall"),
                 *metrics = json_object_get(json, "metrics");
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(metrics); i++) {
        const char *name = json_string_value(json_array_get(metrics, i));
        size_t len = name ? json_array_size(json_object_get(overall, name)) : 0;
        n = len > n ? len : n;
    }
    return n;
}

int answer_from_json(struct answer **out, const json_t *json)
{
    const json_t *by = json_object_get(json, "by"), *metrics = json_object_get(json, "metrics");
    const json_t *groups = json_object_get(json, "groups"),
                 *step = json_object_get(json, "step_seconds");
    size_t steps = step ? count_steps(json) : 0;
    *out = NULL;
    if (!json_is_array(metrics) || json_array_size(metrics) > ANSWER_METRICS_MAX ||
        json_array_size(by) > ANSWER_KEYS_MAX || json_array_size(groups) > ANSWER_GROUPS_MAX ||
        steps > ANSWER_STEPS_MAX || !json_is_object(json_object_get(json, "overall")))
        return -EPROTO;
    struct answer *a =
        answer_new(json_array_size(by), json_array_size(metrics), json_array_size(groups), steps);
    if (!a)
        return -ENOMEM;
    const char *source = json_string_value(json_object_get(json, "source"));
    int r = read_texts(a, by, a->by);
    if (!r)
        r = read_texts(a, metrics, a->metrics);
    if (!r)
        r = read_groups(a, groups);
    if (!r)
        r = read_figures(a, json_object_get(json, "overall"), &a->overall);
    if (!r)
        r = read_figures(a, json_object_get(json, "others"), &a->others);
    answer_read_range(json, &a->from_ns, &a->until_ns, &a->first_step_ns, &a->step_ns);
    a->matched = (uint64_t)json_integer_value(json_object_get(json, "matched"));
    a->approximate = json_is_true(json_object_get(json, "approximate"));
    a->source = answer_text(a, source ? source : "", source ? strlen(source) : 0);
    if (r < 0) {
        answer_free(a);
        return r;
    }
    *out = a;
    return 0;
}
