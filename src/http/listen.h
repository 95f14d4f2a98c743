/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets of the API. */
#pragma once

#include <stddef.h>

/* "ADDRESS:PORT", "[IPV6]:PORT", "localhost:PORT"; port 0: any that is free. Returns the socket or
 * negative errno with one sentence in err. *url becomes "http://ADDRESS:PORT", the caller's. */
int listen_tcp(const char *address, char **url, char *err, size_t err_size);
/* A unix socket of mode 0660. One that is left there and that nobody listens to is replaced. */
int listen_unix(const char *path, char *err, size_t err_size);
