/* SPDX-License-Identifier: Apache-2.0 */
#include "dns/parts.h"

#include "dns/name.h"

#include <libpsl.h>
#include <pthread.h>
#include <string.h>

static psl_ctx_t *list;

/* The system's list or the library's own, whichever is newer. Kept to the end of the process. */
static void load_list(void)
{
    list = psl_latest(NULL);
}

/* A copy in which only the dots between labels are dots. */
static bool copy_plain(const char *text, size_t len, char out[DNS_NAME_TEXT_MAX])
{
    if (len >= DNS_NAME_TEXT_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        out[i] = text[i];
        if (text[i] == '\\' && i + 1 < len)
            out[++i] = '_';
    }
    out[len] = '\0';
    return true;
}

bool dns_name_domain(const char *text, size_t len, size_t *begin)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char plain[DNS_NAME_TEXT_MAX];
    pthread_once(&once, load_list);
    if (!list || !copy_plain(text, len, plain))
        return false;
    const char *domain = psl_registrable_domain(list, plain);
    if (!domain || !*domain)
        return false;
    *begin = (size_t)(domain - plain);
    return true;
}

bool dns_name_parent(const char *text, size_t len, size_t *begin)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (text[i] == '\\') {
            i++;
        } else if (text[i] == '.') {
            *begin = i + 1;
            return true;
        }
    }
    return false;
}
