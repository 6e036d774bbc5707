// SPDX-License-Identifier: GPL-3.0-or-later
// Fetch: reads an https or file URL into a file: certificate verified, size and time limited, only when it changed since.
//
// Plain http is for 127.0.0.1, ::1 and localhost only. Redirects are followed from https to https, FETCH_REDIRECTS_MAX times, and from nothing else.
// Proxies are taken from the environment (https_proxy, no_proxy), as curl does.
//
// Life cycle   fetch, as often as wanted
// Memory       what libcurl takes; the content goes to the file as it comes
// Threads      any thread; blocks for at most the time limit
// Sources      RFC 9110, 13.1 (ETag and If-None-Match; Last-Modified and If-Modified-Since)
#pragma once
#include <stdatomic.h>
#include "decoders/base/option.h"

#define FETCH_REDIRECTS_MAX 5
#define FETCH_ETAG_MAX      256
#define FETCH_DATE_MAX      64

struct fetch_config {
	uint64_t max_bytes;      // fetch.max-size
	uint64_t timeout_s;      // fetch.timeout: of a whole transfer
	char *ca_file;           // fetch.ca-file: certificates to trust instead of the system's; NULL: the system's
	const atomic_bool *stop; // ends a transfer within a second once it is set; NULL never
};
extern const struct option fetch_options[];

enum fetch_result {
	FETCH_DONE,
	FETCH_UNCHANGED, // the server says that what is known still holds
	FETCH_FAILED,    // the reason is in the answer
};

struct fetch_answer {
	char etag[FETCH_ETAG_MAX], modified[FETCH_DATE_MAX]; // "" none
	char error[512];
	uint64_t bytes;
	long status; // of the server; 0: none
};

// Is text a URL (with a scheme) rather than a path?
bool fetch_is_url(const char *text);

// What the server said of the copy that the caller has; NULL or "" none.
struct fetch_known {
	const char *etag, *modified;
};

// Reads url into path, which is made or replaced; on FETCH_DONE only is it whole, and then it is on disk; else it is gone.
enum fetch_result fetch(const struct fetch_config *config, const char *url, const struct fetch_known *known,
	const char *path, struct fetch_answer *answer);
