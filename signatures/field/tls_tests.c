// SPDX-License-Identifier: GPL-3.0-or-later
// Keywords of TLS with a language of their own: versions, states, validity, and the older ones that look for a text.
#include "decoders/app/tls/tls.h"
#include "decoders/app/tls/x509.h"
#include "decoders/base/clock.h"
#include "signatures/field/argument.h"
#include "signatures/field/declare.h"
#include "signatures/field/tls.h"
#include "signatures/field/tls_readers.h"
#include <stdio.h>
#include <stdlib.h>

// tls.subject, tls.issuerdn, tls.fingerprint: a text, or "!" and a text -----------------------------------------------------------

static bool text_matches(const struct argument_text *test, struct span value)
{
	if (value.len == 0)
		return false;
	return (memmem(value.data, value.len, test->text, test->len) != NULL) != test->negated;
}

static bool match_subject(const struct field_source *source, const void *data)
{
	return text_matches(data, bytes_span(&field_tls_side(source)->certificate.subject));
}

static bool match_issuer(const struct field_source *source, const void *data)
{
	return text_matches(data, bytes_span(&field_tls_side(source)->certificate.issuer));
}

static bool match_fingerprint(const struct field_source *source, const void *data)
{
	return text_matches(data, span_text(field_tls_side(source)->certificate.fingerprint));
}

// tls.version, ssl_version ----------------------------------------------------------------------------------------------------------

#define VERSIONS_MAX 16

struct version_test {
	uint8_t count;
	bool raw; // given as a number: drafts are not the final version
	struct {
		uint16_t version;
		bool negated;
	} items[VERSIONS_MAX];
};
static_assert(sizeof(struct version_test) <= FIELD_TEST_BYTES, "fits a test");

static const char *parse_tls_version(const char *arguments, void *data)
{
	static const struct {
		const char *name;
		uint16_t version;
	} names[] = { { "1.0", TLS_V10 }, { "1.1", TLS_V11 }, { "1.2", TLS_V12 }, { "1.3", TLS_V13 } };
	struct version_test *test = data;
	test->count = 1;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(arguments, names[i].name) == 0) {
			test->items[0].version = names[i].version;
			return NULL;
		}
	}
	char *end;
	unsigned long number = strtoul(arguments, &end, 16);
	if (strncasecmp(arguments, "0x", 2) != 0 || *end || number == 0 || number > UINT16_MAX)
		return "expected 1.0, 1.1, 1.2, 1.3 or a number like 0x7f12";
	test->raw = true;
	test->items[0].version = (uint16_t)number;
	return NULL;
}

static const char *parse_ssl_version(const char *arguments, void *data)
{
	static const struct {
		const char *name;
		uint16_t version;
	} names[] = { { "sslv2", TLS_SSLV2 }, { "sslv3", TLS_SSLV3 }, { "tls1.0", TLS_V10 }, { "tls1.1", TLS_V11 },
		{ "tls1.2", TLS_V12 }, { "tls1.3", TLS_V13 } };
	struct version_test *test = data;
	struct span rest = span_text(arguments);
	while (rest.len) {
		uint32_t comma = span_find(rest, ',', 0);
		struct span word = span_trim(span_slice(rest, 0, comma));
		rest = span_from(rest, comma + 1);
		bool negated = word.len && word.data[0] == '!';
		word = span_trim(span_from(word, negated));
		size_t i = 0;
		while (i < sizeof(names) / sizeof(names[0]) && !span_is_nocase(word, names[i].name))
			i++;
		if (i == sizeof(names) / sizeof(names[0]))
			return "expected a list of sslv2, sslv3, tls1.0, tls1.1, tls1.2, tls1.3";
		if (test->count == VERSIONS_MAX)
			return "too many versions";
		test->items[test->count].version = names[i].version;
		test->items[test->count++].negated = negated;
	}
	return test->count ? NULL : "needs a version";
}

// One of the versions, or none of those with "!".
static bool match_version(const struct field_source *source, const void *data)
{
	const struct version_test *test = data;
	uint16_t version = field_tls_side(source)->version;
	if (version == 0)
		return false;
	if (!test->raw && tls_version_is_13(version))
		version = TLS_V13;
	bool any_negated = false, hit_negated = false;
	for (unsigned i = 0; i < test->count; i++) {
		bool same = test->items[i].version == version;
		if (test->items[i].negated) {
			any_negated = true;
			hit_negated |= same;
		} else if (same) {
			return true;
		}
	}
	return any_negated && !hit_negated;
}

// ssl_state -------------------------------------------------------------------------------------------------------------------------

struct state_test {
	uint8_t wanted, unwanted; // enum tls_seen
};

static const char *parse_state(const char *arguments, void *data)
{
	static const struct {
		const char *name;
		uint8_t bit;
	} names[] = { { "client_hello", TLS_SEEN_CLIENT_HELLO }, { "server_hello", TLS_SEEN_SERVER_HELLO },
		{ "client_keyx", TLS_SEEN_CLIENT_KEY }, { "server_keyx", TLS_SEEN_SERVER_KEY },
		{ "unknown", TLS_SEEN_UNKNOWN } };
	struct state_test *test = data;
	struct span rest = span_text(arguments);
	while (rest.len) {
		uint32_t end = 0;
		while (end < rest.len && rest.data[end] != ',' && rest.data[end] != '|')
			end++;
		struct span word = span_trim(span_slice(rest, 0, end));
		rest = span_from(rest, end + 1);
		bool negated = word.len && word.data[0] == '!';
		word = span_trim(span_from(word, negated));
		size_t i = 0;
		while (i < sizeof(names) / sizeof(names[0]) && !span_is_nocase(word, names[i].name))
			i++;
		if (i == sizeof(names) / sizeof(names[0]))
			return "expected a list of client_hello, server_hello, client_keyx, server_keyx, unknown";
		*(negated ? &test->unwanted : &test->wanted) |= names[i].bit;
	}
	return test->wanted || test->unwanted ? NULL : "needs a state";
}

static bool match_state(const struct field_source *source, const void *data)
{
	const struct state_test *test = data;
	uint8_t seen = ((const struct tls_tx *)source->tx)->seen;
	return (seen & test->wanted) || (test->unwanted & (uint8_t)~seen);
}

// tls_cert_notbefore, tls_cert_notafter: 2015, >2015-10, <2015-10-22T23:59:59, 2015-10-01<>2015-10-22 ------------------------------

struct date_test {
	bool has_low, has_high;
	int64_t low_s, high_s; // inclusive
};

static const char *read_date(struct span text, int64_t *out)
{
	char word[32];
	text = span_trim(text);
	if (text.len == 0 || text.len >= sizeof(word))
		return "expected a date like 2015-10-22 or 2015-10-22T23:59:59";
	memcpy(word, text.data, text.len);
	word[text.len] = 0;
	int year;
	unsigned month = 1, day = 1, hour = 0, minute = 0, second = 0;
	char separator;
	int got = sscanf(word, "%4d-%2u-%2u%c%2u:%2u:%2u", &year, &month, &day, &separator, &hour, &minute, &second);
	if (got < 1 || (got >= 4 && separator != 'T' && separator != ' ') || month < 1 || month > 12 || day < 1 ||
		day > 31 || hour > 23 || minute > 59 || second > 60)
		return "expected a date like 2015-10-22 or 2015-10-22T23:59:59";
	*out = x509_seconds(year, month, day, hour, minute, second);
	return NULL;
}

static const char *parse_date(const char *arguments, void *data)
{
	struct date_test *test = data;
	const char *range = strstr(arguments, "<>");
	const char *error;
	if (range) {
		test->has_low = test->has_high = true;
		error = read_date(span_of(arguments, (size_t)(range - arguments)), &test->low_s);
		if (!error)
			error = read_date(span_text(range + 2), &test->high_s);
		return error ? error : test->low_s > test->high_s ? "first date is after the second" : NULL;
	}
	test->has_low = arguments[0] != '<';
	test->has_high = arguments[0] != '>';
	int64_t date_s;
	error = read_date(span_text(arguments + (test->has_low && test->has_high ? 0 : 1)), &date_s);
	if (!error)
		test->low_s = test->high_s = date_s;
	return error;
}

static bool date_matches(const struct date_test *test, int64_t value_s)
{
	return (!test->has_low || value_s >= test->low_s) && (!test->has_high || value_s <= test->high_s);
}

static bool match_not_before(const struct field_source *source, const void *data)
{
	const struct tls_certificate *certificate = &field_tls_side(source)->certificate;
	return certificate->seen && date_matches(data, certificate->not_before_s);
}

static bool match_not_after(const struct field_source *source, const void *data)
{
	const struct tls_certificate *certificate = &field_tls_side(source)->certificate;
	return certificate->seen && date_matches(data, certificate->not_after_s);
}

static int64_t now_s(const struct field_source *source)
{
	return (int64_t)((source->flow ? source->flow->last_ns : source->tx->last_ns) / NS_PER_S);
}

static bool match_expired(const struct field_source *source, const void *data)
{
	(void)data;
	const struct tls_certificate *certificate = &field_tls_side(source)->certificate;
	return certificate->seen && certificate->not_after_s < now_s(source);
}

static bool match_valid(const struct field_source *source, const void *data)
{
	(void)data;
	const struct tls_certificate *certificate = &field_tls_side(source)->certificate;
	return certificate->seen && certificate->not_before_s <= now_s(source) &&
	       certificate->not_after_s >= now_s(source);
}

// tls_store asks for the certificate to be kept; it never decides whether a rule matches.
static bool match_always(const struct field_source *source, const void *data)
{
	(void)source;
	(void)data;
	return true;
}

FIELD_TEST(field_tls_subject, APP_TLS, "tls.subject", NULL, argument_text_parse, SERVER_CERT(match_subject));
FIELD_TEST(field_tls_issuerdn, APP_TLS, "tls.issuerdn", NULL, argument_text_parse, SERVER_CERT(match_issuer));
FIELD_TEST(field_tls_fingerprint, APP_TLS, "tls.fingerprint", "tls_fingerprint", argument_text_parse,
	SERVER_CERT(match_fingerprint));
FIELD_TEST(field_tls_version, APP_TLS, "tls.version", NULL, parse_tls_version, CLIENT_HELLO(match_version),
	SERVER_HELLO(match_version));
FIELD_TEST(field_ssl_version, APP_TLS, "ssl_version", NULL, parse_ssl_version, CLIENT_HELLO(match_version),
	SERVER_HELLO(match_version));
FIELD_TEST(field_ssl_state, APP_TLS, "ssl_state", NULL, parse_state,
	{ APP_TLS, TO_SERVER, TLS_CLIENT_IN_PROGRESS, match_state },
	{ APP_TLS, TO_CLIENT, TLS_SERVER_IN_PROGRESS, match_state });
FIELD_TEST(field_tls_cert_expired, APP_TLS, "tls_cert_expired", NULL, NULL, SERVER_CERT(match_expired));
FIELD_TEST(field_tls_cert_valid, APP_TLS, "tls_cert_valid", NULL, NULL, SERVER_CERT(match_valid));
FIELD_TEST(field_tls_cert_notbefore, APP_TLS, "tls_cert_notbefore", NULL, parse_date, SERVER_CERT(match_not_before));
FIELD_TEST(field_tls_cert_notafter, APP_TLS, "tls_cert_notafter", NULL, parse_date, SERVER_CERT(match_not_after));
FIELD_TEST(field_tls_store, APP_TLS, "tls_store", "tls.store", NULL,
	{ APP_TLS, TO_SERVER, TLS_CLIENT_IN_PROGRESS, match_always },
	{ APP_TLS, TO_CLIENT, TLS_SERVER_IN_PROGRESS, match_always });
