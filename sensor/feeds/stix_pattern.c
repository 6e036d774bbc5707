// SPDX-License-Identifier: GPL-3.0-or-later
#include "sensor/feeds/stix_pattern.h"
#include <ctype.h>
#include <stdlib.h>

enum token {
	TOKEN_END,
	TOKEN_OPEN, // [
	TOKEN_CLOSE,
	TOKEN_LEFT, // (
	TOKEN_RIGHT,
	TOKEN_WORD,  // AND, OR, an object path, a number
	TOKEN_TEXT,  // 'text'
	TOKEN_EQUAL, // =
	TOKEN_COMMA,
	TOKEN_OTHER,
};

struct reader {
	const char *at;
	enum token token;
	char text[INDICATOR_VALUE_MAX]; // of a word or text
};

static bool is_path(int c)
{
	return isalnum(c) || strchr("-_:.*", c);
}

// A path may have quoted parts: file:hashes.'SHA-256'
static void read_word(struct reader *reader)
{
	size_t len = 0;
	bool quoted = false;
	while (*reader->at && (quoted || is_path((unsigned char)*reader->at) || (*reader->at == '\'' && len))) {
		if (*reader->at == '\'')
			quoted = !quoted;
		else if (len + 1 < sizeof(reader->text))
			reader->text[len++] = *reader->at;
		reader->at++;
	}
	reader->text[len] = 0;
}

static bool read_text(struct reader *reader)
{
	size_t len = 0;
	for (reader->at++; *reader->at && *reader->at != '\''; reader->at++) {
		if (*reader->at == '\\' && reader->at[1])
			reader->at++;
		if (len + 1 == sizeof(reader->text))
			return false;
		reader->text[len++] = *reader->at;
	}
	reader->text[len] = 0;
	if (*reader->at != '\'')
		return false;
	reader->at++;
	return true;
}

static void next(struct reader *reader)
{
	static const struct {
		char c;
		enum token token;
	} single[] = { { '[', TOKEN_OPEN }, { ']', TOKEN_CLOSE }, { '(', TOKEN_LEFT }, { ')', TOKEN_RIGHT },
		{ '=', TOKEN_EQUAL }, { ',', TOKEN_COMMA } };
	while (isspace((unsigned char)*reader->at))
		reader->at++;
	if (!*reader->at) {
		reader->token = TOKEN_END;
		return;
	}
	for (size_t i = 0; i < sizeof(single) / sizeof(single[0]); i++)
		if (*reader->at == single[i].c) {
			reader->at++;
			reader->token = single[i].token;
			return;
		}
	if (*reader->at == '\'') {
		reader->token = read_text(reader) ? TOKEN_TEXT : TOKEN_OTHER;
	} else if (is_path((unsigned char)*reader->at)) {
		read_word(reader);
		reader->token = TOKEN_WORD;
	} else {
		reader->at++;
		reader->token = TOKEN_OTHER;
	}
}

enum part {
	PART_VALUE,   // stands for itself
	PART_ADDRESS, // of an endpoint
	PART_PORT,
	PART_TYPE,   // of the address, which the address says itself
	PART_BESIDE, // says nothing alone, and nothing is lost without it
	PART_UNKNOWN,
};

static const struct {
	const char *path;
	enum part part;
	unsigned kind;
} paths[] = {
	{ "domain-name:value", PART_VALUE, INDICATOR_DOMAIN },
	{ "url:value", PART_VALUE, INDICATOR_URL },
	{ "ipv4-addr:value", PART_VALUE, INDICATOR_ADDRESS },
	{ "ipv6-addr:value", PART_VALUE, INDICATOR_ADDRESS },
	{ "network-traffic:dst_ref.value", PART_ADDRESS, INDICATOR_KINDS },
	{ "network-traffic:dst_ref.type", PART_TYPE, INDICATOR_KINDS },
	{ "network-traffic:dst_port", PART_PORT, INDICATOR_KINDS },
	{ "network-traffic:extensions.http-request-ext.request_header.User-Agent", PART_VALUE, INDICATOR_USER_AGENT },
	{ "file:hashes.MD5", PART_VALUE, INDICATOR_FILE_MD5 },
	{ "file:hashes.SHA-1", PART_VALUE, INDICATOR_FILE_SHA1 },
	{ "file:hashes.SHA1", PART_VALUE, INDICATOR_FILE_SHA1 },
	{ "file:hashes.SHA-256", PART_VALUE, INDICATOR_FILE_SHA256 },
	{ "file:hashes.SHA256", PART_VALUE, INDICATOR_FILE_SHA256 },
	{ "file:name", PART_BESIDE, INDICATOR_KINDS },
	{ "file:size", PART_BESIDE, INDICATOR_KINDS },
	{ "file:hashes.SHA-512", PART_BESIDE, INDICATOR_KINDS },
	{ "file:hashes.SSDEEP", PART_BESIDE, INDICATOR_KINDS },
	{ "file:hashes.TLSH", PART_BESIDE, INDICATOR_KINDS },
	{ "file:hashes.IMPHASH", PART_BESIDE, INDICATOR_KINDS },
	{ "email-addr:value", PART_VALUE, INDICATOR_EMAIL },
	{ "email-message:from_ref.value", PART_VALUE, INDICATOR_EMAIL },
	{ "email-message:sender_ref.value", PART_VALUE, INDICATOR_EMAIL },
	{ "x509-certificate:hashes.SHA-1", PART_VALUE, INDICATOR_CERT_SHA1 },
	{ "x509-certificate:hashes.SHA-256", PART_VALUE, INDICATOR_CERT_SHA256 },
};

static bool is_hash(unsigned kind)
{
	return kind == INDICATOR_FILE_MD5 || kind == INDICATOR_FILE_SHA1 || kind == INDICATOR_FILE_SHA256 ||
	       kind == INDICATOR_CERT_SHA1 || kind == INDICATOR_CERT_SHA256;
}

// One observation: what its comparisons were.
struct observed {
	unsigned first, comparisons, hashes, addresses, ports, types, beside, others;
	bool all, any; // joined by AND; by OR
	uint16_t port;
};

static const char *add_value(
	const struct reader *reader, unsigned kind, struct stix_pattern *out, struct observed *observed)
{
	if (out->count == STIX_VALUES_MAX)
		return "a pattern of more than 64 values";
	struct stix_value *value = &out->values[out->count++];
	*value = (struct stix_value) { .kind = kind };
	memcpy(value->text, reader->text, sizeof(value->text));
	bool address = kind == INDICATOR_ADDRESS || kind == INDICATOR_KINDS;
	observed->hashes += is_hash(kind);
	observed->addresses += address;
	observed->others += !address && !is_hash(kind);
	return NULL;
}

// IN ('a', 'b'): any of them, as if they were joined by OR.
static const char *read_set(struct reader *reader, unsigned kind, struct stix_pattern *out, struct observed *observed)
{
	next(reader);
	if (reader->token != TOKEN_LEFT)
		return "a pattern that cannot be read";
	unsigned count = 0;
	do {
		next(reader);
		if (reader->token != TOKEN_TEXT)
			return "a pattern that cannot be read";
		const char *wrong = add_value(reader, kind, out, observed);
		if (wrong)
			return wrong;
		next(reader);
		observed->any |= ++count > 1;
	} while (reader->token == TOKEN_COMMA);
	if (reader->token != TOKEN_RIGHT)
		return "a pattern that cannot be read";
	observed->comparisons++;
	next(reader);
	return NULL;
}

static const char *read_comparison(struct reader *reader, struct stix_pattern *out, struct observed *observed)
{
	if (reader->token != TOKEN_WORD)
		return "a pattern of that kind";
	enum part part = PART_UNKNOWN;
	unsigned kind = INDICATOR_KINDS;
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (strcasecmp(paths[i].path, reader->text) == 0) {
			part = paths[i].part;
			kind = paths[i].kind;
		}
	if (part == PART_UNKNOWN)
		return "a pattern over something that is not looked up";
	next(reader);
	if (reader->token == TOKEN_WORD && strcmp(reader->text, "IN") == 0 && part == PART_VALUE)
		return read_set(reader, kind, out, observed);
	bool subset = reader->token == TOKEN_WORD && strcmp(reader->text, "ISSUBSET") == 0 && kind == INDICATOR_ADDRESS;
	if (reader->token != TOKEN_EQUAL && !subset)
		return "a comparison other than =";
	next(reader);
	if (reader->token != TOKEN_TEXT && reader->token != TOKEN_WORD)
		return "a pattern that cannot be read";
	observed->comparisons++;
	if (part == PART_PORT) {
		long port = strtol(reader->text, NULL, 10);
		if (port < 1 || port > 65535)
			return "not a port";
		observed->port = (uint16_t)port;
		observed->ports++;
	} else if (part == PART_BESIDE) {
		observed->beside++;
	} else if (part == PART_TYPE) {
		observed->types++;
	} else {
		const char *wrong = add_value(reader, kind, out, observed);
		if (wrong)
			return wrong;
	}
	next(reader);
	return NULL;
}

static const char *judge(struct stix_pattern *out, const struct observed *observed)
{
	bool endpoint = observed->ports == 1 && observed->addresses == 1 && observed->all && !observed->any &&
			observed->comparisons == 2 + observed->types;
	if (endpoint) {
		out->values[observed->first].port = observed->port;
		return NULL;
	}
	if (observed->ports)
		return "a port alone";
	if (observed->types)
		return "a pattern over something that is not looked up";
	if (observed->all && observed->any)
		return "AND beside OR";
	if (observed->all && (observed->others || observed->addresses || !observed->hashes))
		return "AND of things that are looked up one by one";
	if (observed->beside && !observed->hashes)
		return "a file's name or size alone";
	return NULL;
}

static const char *read_observation(struct reader *reader, struct stix_pattern *out)
{
	struct observed observed = { .first = out->count };
	unsigned depth = 0;
	for (;;) {
		for (; reader->token == TOKEN_LEFT; depth++)
			next(reader);
		const char *wrong = read_comparison(reader, out, &observed);
		if (wrong)
			return wrong;
		for (; reader->token == TOKEN_RIGHT && depth; depth--)
			next(reader);
		if (reader->token == TOKEN_CLOSE)
			break;
		if (reader->token != TOKEN_WORD)
			return "a pattern that cannot be read";
		if (strcmp(reader->text, "AND") == 0)
			observed.all = true;
		else if (strcmp(reader->text, "OR") == 0)
			observed.any = true;
		else
			return "a pattern that cannot be read";
		next(reader);
	}
	next(reader);
	return judge(out, &observed);
}

const char *stix_pattern_parse(const char *text, struct stix_pattern *out)
{
	struct reader reader = { .at = text };
	unsigned depth = 0;
	out->count = 0;
	next(&reader);
	for (;;) {
		for (; reader.token == TOKEN_LEFT; depth++)
			next(&reader);
		if (reader.token != TOKEN_OPEN)
			return "a pattern that cannot be read";
		next(&reader);
		const char *wrong = read_observation(&reader, out);
		if (wrong)
			return wrong;
		for (; reader.token == TOKEN_RIGHT && depth; depth--)
			next(&reader);
		if (reader.token == TOKEN_END)
			return depth ? "a pattern that cannot be read" : NULL;
		if (reader.token != TOKEN_WORD || strcmp(reader.text, "OR") != 0)
			return "observations that are joined by anything but OR";
		next(&reader);
	}
}
