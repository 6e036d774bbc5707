// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/fetch/fetch.h"
#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include "decoders/base/write_all.h"

#define AT(member) offsetof(struct fetch_config, member)

const struct option fetch_options[] = {
	{ "fetch.max-size", OPTION_SIZE, AT(max_bytes), "256 MiB", 1024, 0, NULL, CHANGE_LIVE,
		"largest pack or list that is read from a URL" },
	{ "fetch.timeout", OPTION_UINT, AT(timeout_s), "300", 1, 86400, NULL, CHANGE_LIVE,
		"seconds a whole transfer may take" },
	{ "fetch.ca-file", OPTION_STRING, AT(ca_file), NULL, 0, 0, NULL, CHANGE_LIVE,
		"certificates (PEM) that servers must be vouched for by, instead of the system's" },
	{ 0 },
};

struct transfer {
	const struct fetch_config *config;
	struct fetch_answer *answer;
	int fd;
	bool too_large;
	int write_error;
};

bool fetch_is_url(const char *text)
{
	const char *colon = strstr(text, "://");
	if (!colon || colon == text)
		return false;
	for (const char *at = text; at < colon; at++)
		if (!isalnum((unsigned char)*at) && !strchr("+-.", *at))
			return false;
	return true;
}

static size_t on_data(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	size_t len = size * count;
	if (transfer->answer->bytes + len > transfer->config->max_bytes) {
		transfer->too_large = true;
		return 0;
	}
	if (!write_all(transfer->fd, bytes, len)) {
		transfer->write_error = errno;
		return 0;
	}
	transfer->answer->bytes += len;
	return len;
}

// Called at least once a second. Not 0: the transfer ends.
static int on_progress(void *context, curl_off_t total, curl_off_t got, curl_off_t up_total, curl_off_t up)
{
	const struct transfer *transfer = context;
	(void)total;
	(void)got;
	(void)up_total;
	(void)up;
	return atomic_load_explicit(transfer->config->stop, memory_order_relaxed);
}

static bool starts(const char *text, const char *with)
{
	return strncasecmp(text, with, strlen(with)) == 0;
}

// The value behind a header's name, of printable characters; "" when it is not, or does not fit.
static void take_value(const char *bytes, size_t len, char *out, size_t size)
{
	size_t at = 0, end = len;
	while (at < end && (bytes[at] == ' ' || bytes[at] == '\t'))
		at++;
	while (end > at && (unsigned char)bytes[end - 1] <= ' ')
		end--;
	bool good = end - at < size;
	for (size_t i = at; good && i < end; i++)
		good = (unsigned char)bytes[i] >= ' ' && (unsigned char)bytes[i] < 0x7f;
	snprintf(out, size, "%.*s", good ? (int)(end - at) : 0, bytes + at);
}

// What the last answer says counts: not what came before a redirect.
static size_t on_header(char *bytes, size_t size, size_t count, void *context)
{
	struct transfer *transfer = context;
	struct fetch_answer *answer = transfer->answer;
	const struct {
		const char *name;
		char *out;
		size_t size;
	} wanted[] = { { "etag:", answer->etag, sizeof(answer->etag) },
		{ "last-modified:", answer->modified, sizeof(answer->modified) } };
	size_t len = size * count;
	if (len > 5 && strncasecmp(bytes, "HTTP/", 5) == 0)
		answer->etag[0] = answer->modified[0] = 0;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		size_t name = strlen(wanted[i].name);
		if (len > name && strncasecmp(bytes, wanted[i].name, name) == 0)
			take_value(bytes + name, len - name, wanted[i].out, wanted[i].size);
	}
	return len;
}

static bool is_loopback(const char *url)
{
	CURLU *parts = curl_url();
	char *host = NULL;
	bool is = parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
		  curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		  (strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0 || strcasecmp(host, "localhost") == 0);
	curl_free(host);
	curl_url_cleanup(parts);
	return is;
}

// NULL with the reason in the answer: a scheme that is not read.
static const char *scheme_of(const char *url, struct fetch_answer *answer)
{
	if (starts(url, "https://"))
		return "https";
	if (starts(url, "file://"))
		return "file";
	if (starts(url, "http://") && is_loopback(url))
		return "http";
	snprintf(answer->error, sizeof(answer->error), "%s",
		starts(url, "http://") ? "plain http is not read; use https" : "only https and file URLs are read");
	return NULL;
}

static bool set_up(CURL *curl, struct transfer *transfer, const char *url, struct curl_slist *headers)
{
	const struct fetch_config *config = transfer->config;
	const char *scheme = scheme_of(url, transfer->answer);
	if (!scheme)
		return false;
	bool https = strcmp(scheme, "https") == 0, http = strcmp(scheme, "http") == 0;
	CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, url);
#define SET(option, value) code = code == CURLE_OK ? curl_easy_setopt(curl, option, value) : code
	SET(CURLOPT_PROTOCOLS_STR, scheme);
	SET(CURLOPT_REDIR_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, https ? 1L : 0L);
	SET(CURLOPT_MAXREDIRS, (long)FETCH_REDIRECTS_MAX);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_TIMEOUT, (long)config->timeout_s);
	SET(CURLOPT_CONNECTTIMEOUT, 30L);
	SET(CURLOPT_USERAGENT, "Sekisho/" SEKISHO_VERSION);
	SET(CURLOPT_WRITEFUNCTION, on_data);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, transfer);
	SET(CURLOPT_HTTPHEADER, headers);
	if (config->stop) {
		SET(CURLOPT_XFERINFOFUNCTION, on_progress);
		SET(CURLOPT_XFERINFODATA, transfer);
		SET(CURLOPT_NOPROGRESS, 0L);
	}
	if (http)
		SET(CURLOPT_PROXY, ""); // loopback is not asked of a proxy
	if (config->ca_file) {
		SET(CURLOPT_CAINFO, config->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
#undef SET
	if (code != CURLE_OK)
		snprintf(transfer->answer->error, sizeof(transfer->answer->error), "%s", curl_easy_strerror(code));
	return code == CURLE_OK;
}

static enum fetch_result judge(
	CURL *curl, CURLcode code, struct transfer *transfer, const char *url, bool conditional, const char *reason)
{
	struct fetch_answer *answer = transfer->answer;
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer->status);
	if (transfer->too_large)
		snprintf(answer->error, sizeof(answer->error), "is larger than %llu bytes (fetch.max-size)",
			(unsigned long long)transfer->config->max_bytes);
	else if (transfer->write_error)
		snprintf(answer->error, sizeof(answer->error), "%s", strerror(transfer->write_error));
	else if (code != CURLE_OK)
		snprintf(answer->error, sizeof(answer->error), "%s", reason[0] ? reason : curl_easy_strerror(code));
	else if (starts(url, "file://") || answer->status == 200)
		return FETCH_DONE;
	else if (answer->status == 304 && conditional)
		return FETCH_UNCHANGED;
	else if (answer->status >= 300 && answer->status < 400)
		snprintf(answer->error, sizeof(answer->error),
			"the server redirects (%ld), which is followed from https to https only", answer->status);
	else
		snprintf(answer->error, sizeof(answer->error), "the server answered %ld", answer->status);
	return FETCH_FAILED;
}

// One more line of the request, when there is a value. False: no memory.
static bool add_header(struct curl_slist **headers, const char *name, const char *value)
{
	char line[FETCH_ETAG_MAX + 32];
	if (!value || !*value)
		return true;
	snprintf(line, sizeof(line), "%s: %s", name, value);
	struct curl_slist *more = curl_slist_append(*headers, line);
	if (more)
		*headers = more;
	return more != NULL;
}

static enum fetch_result transfer_it(struct transfer *transfer, const char *url, const struct fetch_known *known)
{
	struct fetch_answer *answer = transfer->answer;
	char reason[CURL_ERROR_SIZE] = "";
	struct curl_slist *headers = NULL;
	bool ready = add_header(&headers, "If-None-Match", known->etag) &&
		     add_header(&headers, "If-Modified-Since", known->modified);
	CURL *curl = ready ? curl_easy_init() : NULL;
	if (!curl) {
		snprintf(answer->error, sizeof(answer->error), "no memory");
		curl_slist_free_all(headers);
		return FETCH_FAILED;
	}
	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
	enum fetch_result result = FETCH_FAILED;
	if (set_up(curl, transfer, url, headers)) {
		CURLcode code = curl_easy_perform(curl);
		result = judge(curl, code, transfer, url, headers != NULL, reason);
	}
	curl_easy_cleanup(curl);
	curl_slist_free_all(headers);
	return result;
}

enum fetch_result fetch(const struct fetch_config *config, const char *url, const struct fetch_known *known,
	const char *path, struct fetch_answer *answer)
{
	struct transfer transfer = { .config = config, .answer = answer };
	*answer = (struct fetch_answer) { 0 };
	transfer.fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (transfer.fd < 0) {
		snprintf(answer->error, sizeof(answer->error), "%s: %s", path, strerror(errno));
		return FETCH_FAILED;
	}
	enum fetch_result result = transfer_it(&transfer, url, known);
	if (result == FETCH_DONE && fsync(transfer.fd) != 0) {
		snprintf(answer->error, sizeof(answer->error), "%s: %s", path, strerror(errno));
		result = FETCH_FAILED;
	}
	close(transfer.fd);
	if (result != FETCH_DONE)
		unlink(path);
	return result;
}
