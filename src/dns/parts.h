/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a name in presentation format, in lower case and without a final dot: the ends of it
 * that many names have in common. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Where the registered domain begins, by the public suffix list (publicsuffix.org): "example.co.uk"
 * of "www.example.co.uk". Where no rule of the list fits, the last label counts as a public suffix,
 * as the list's algorithm says. False: the name is a public suffix itself, or the root, or there is
 * no list. */
bool dns_name_domain(const char *text, size_t len, size_t *begin);

/* Where what follows the first label begins: "example.com" of "www.example.com". False: there is
 * one label at most. */
bool dns_name_parent(const char *text, size_t len, size_t *begin);
