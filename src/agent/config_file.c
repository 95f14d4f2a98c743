/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file: a flat YAML mapping of options to values or lists of values. */
#include "agent/config.h"

#include "filter/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

enum {
    FILE_MAX_BYTES = 1 << 20,
    OPTIONS_MAX = 64,
};

struct reading {
    struct config *config;
    const char *path;
    struct buf *text;
    yaml_document_t *document;
    int error; /* the first that is not the writer's of the file */
    size_t mistakes;
    size_t seen_line[OPTIONS_MAX]; /* of each option; 0: not yet */
};

static int read_whole(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int r = 0;
    for (;;) {
        char *room = buf_room(out, 16384);
        ssize_t n = room ? read(fd, room, 16384) : -1;
        if (n < 0 && room && errno == EINTR)
            continue;
        if (n < 0)
            r = room ? -errno : -ENOMEM;
        if (n <= 0)
            break;
        out->len += (size_t)n;
        if (out->len > FILE_MAX_BYTES) {
            r = -EFBIG;
            break;
        }
    }
    close(fd);
    return r;
}

/* ---- mistakes ---- */

static void begin_mistake(struct reading *r, const yaml_mark_t *mark)
{
    buf_printf(r->text, "%s:%zu:%zu: ", r->path, mark->line + 1, mark->column + 1);
    r->mistakes++;
}

static void unknown_option(struct reading *r, const yaml_node_t *key)
{
    const char *given = (const char *)key->data.scalar.value;
    struct nearest n = nearest_to(given, key->data.scalar.length);
    struct buf name = {0};
    for (size_t i = 0; i < config_option_count; i++) {
        buf_clear(&name);
        option_put_name(&name, &config_options[i].spec, OPTION_IN_FILE);
        const char *copy = arena_copy(&r->config->texts, buf_cstr(&name), name.len + 1);
        if (copy && !config_options[i].arguments_only)
            nearest_offer(&n, copy);
    }
    buf_done(&name);
    begin_mistake(r, &key->start_mark);
    buf_puts(r->text, "there is no option ");
    buf_put_visible(r->text, given, key->data.scalar.length, 60);
    if (n.best)
        buf_printf(r->text, "; did you mean %s?", n.best);
    buf_putc(r->text, '\n');
}

static void wrong_kind(struct reading *r, const yaml_node_t *node, const struct config_option *o,
                       const char *what)
{
    begin_mistake(r, &node->start_mark);
    option_put_name(r->text, &o->spec, OPTION_IN_FILE);
    buf_printf(r->text, " %s\n", what);
}

/* ---- values ---- */

static bool is_null(const yaml_node_t *node)
{
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    const char *value = (const char *)node->data.scalar.value;
    bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    for (size_t i = 0; i < sizeof(nulls) / sizeof(nulls[0]); i++)
        if (strcmp(value, nulls[i]) == 0 && (plain || !*value))
            return true;
    return false;
}

static void take_scalar(struct reading *r, const struct config_option *o, const yaml_node_t *node)
{
    const char *value = (const char *)node->data.scalar.value;
    struct option_spec spec = o->spec;
    spec.value = config_value(r->config, o);
    if (strlen(value) != node->data.scalar.length) {
        wrong_kind(r, node, o, "has a NUL in its value");
        return;
    }
    if (is_null(node)) {
        wrong_kind(r, node, o, "has no value; leave the line out for the default");
        return;
    }
    const char *copy = arena_copy(&r->config->texts, value, node->data.scalar.length + 1);
    if (!copy) {
        r->error = -ENOMEM;
        return;
    }
    struct buf why = {0};
    if (option_value(&spec, copy, OPTION_IN_FILE, &why) < 0) {
        begin_mistake(r, &node->start_mark);
        buf_put(r->text, why.data, why.len);
    }
    buf_done(&why);
}

static void take_value(struct reading *r, const struct config_option *o, const yaml_node_t *node)
{
    bool list = o->spec.type == OPTION_NUMBERS || o->spec.type == OPTION_TEXTS;
    if (list)
        *(size_t *)config_value(r->config, o) = 0;
    if (node->type == YAML_SCALAR_NODE) {
        take_scalar(r, o, node);
    } else if (node->type == YAML_MAPPING_NODE) {
        wrong_kind(r, node, o, "takes a value; options do not hold others");
    } else if (!list) {
        wrong_kind(r, node, o, "takes one value, not a list");
    } else {
        const yaml_node_item_t *item = node->data.sequence.items.start;
        if (item == node->data.sequence.items.top)
            wrong_kind(r, node, o, "has an empty list; leave the line out for the default");
        for (; item < node->data.sequence.items.top; item++) {
            const yaml_node_t *n = yaml_document_get_node(r->document, *item);
            if (n->type == YAML_SCALAR_NODE)
                take_scalar(r, o, n);
            else
                wrong_kind(r, n, o, "takes a list of plain values");
        }
    }
}

static bool is_named(const struct config_option *o, const char *name)
{
    const char *p = o->spec.name;
    while (*p && *name == (*p == '-' ? '_' : *p)) {
        p++;
        name++;
    }
    return !*p && !*name && !o->arguments_only;
}

static const struct config_option *find_option(const char *name, size_t *index)
{
    for (size_t i = 0; i < config_option_count && i < OPTIONS_MAX; i++) {
        if (is_named(&config_options[i], name)) {
            *index = i;
            return &config_options[i];
        }
    }
    return NULL;
}

static void take_pair(struct reading *r, const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(r->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(r->document, pair->value);
    size_t i;
    if (key->type != YAML_SCALAR_NODE) {
        begin_mistake(r, &key->start_mark);
        buf_puts(r->text, "the name of an option is missing here\n");
        return;
    }
    const struct config_option *o = find_option((const char *)key->data.scalar.value, &i);
    if (!o) {
        unknown_option(r, key);
    } else if (r->seen_line[i]) {
        begin_mistake(r, &key->start_mark);
        option_put_name(r->text, &o->spec, OPTION_IN_FILE);
        buf_printf(r->text, " is given twice, in line %zu before\n", r->seen_line[i]);
    } else {
        r->seen_line[i] = key->start_mark.line + 1;
        take_value(r, o, value);
    }
}

/* ---- the document ---- */

static void syntax_mistake(struct reading *r, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        r->error = -ENOMEM;
        return;
    }
    yaml_mark_t mark = parser->problem_mark;
    if (parser->error == YAML_READER_ERROR) {
        buf_printf(r->text, "%s: byte %zu: ", r->path, parser->problem_offset);
        r->mistakes++;
    } else {
        begin_mistake(r, &mark);
    }
    buf_puts(r->text, parser->problem ? parser->problem : "this is not YAML");
    if (parser->context)
        buf_printf(r->text, " %s", parser->context);
    buf_puts(r->text, "; an option is written as name: value\n");
}

static void take_document(struct reading *r, yaml_document_t *document)
{
    const yaml_node_t *root = yaml_document_get_root_node(document);
    r->document = document;
    if (root->type == YAML_SCALAR_NODE && is_null(root))
        return;
    if (root->type != YAML_MAPPING_NODE) {
        begin_mistake(r, &root->start_mark);
        buf_puts(r->text, "options are missing here; one is written as name: value\n");
        return;
    }
    const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
    for (; pair < root->data.mapping.pairs.top && !r->error; pair++)
        take_pair(r, pair);
}

static void take_documents(struct reading *r, yaml_parser_t *parser)
{
    for (int i = 0;; i++) {
        yaml_document_t document;
        if (!yaml_parser_load(parser, &document)) {
            syntax_mistake(r, parser);
            return;
        }
        bool end = !yaml_document_get_root_node(&document);
        if (!end && i == 0) {
            take_document(r, &document);
        } else if (!end) {
            begin_mistake(r, &document.start_mark);
            buf_puts(r->text, "a second document begins here; there can be one only\n");
        }
        yaml_document_delete(&document);
        if (end || i > 0)
            return;
    }
}

int config_read_file(struct config *c, const char *path, struct buf *text)
{
    struct reading r = {.config = c, .path = path, .text = text};
    struct buf content = {0};
    yaml_parser_t parser;
    r.error = read_whole(path, &content);
    if (r.error == 0 && !yaml_parser_initialize(&parser))
        r.error = -ENOMEM;
    if (r.error) {
        buf_printf(text, "%s: %s\n", path, strerror(-r.error));
        buf_done(&content);
        return r.error;
    }
    yaml_parser_set_input_string(&parser, (const unsigned char *)content.data, content.len);
    take_documents(&r, &parser);
    yaml_parser_delete(&parser);
    buf_done(&content);
    if (r.error)
        buf_printf(text, "%s: %s\n", path, strerror(-r.error));
    return r.error ? r.error : r.mistakes ? -EINVAL : 0;
}
