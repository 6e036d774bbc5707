// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/krb5.h"
#include "decoders/app/krb5/krb5.h"
#include "signatures/field/argument.h"
#include <stdlib.h>

static bool nth_part(const struct bytes *parts, unsigned index, struct field_value *value)
{
	struct span all = bytes_span(parts);
	uint32_t at = 0;
	for (unsigned i = 0; at < all.len; i++) {
		uint32_t end = span_find(all, 0, at);
		if (i == index) {
			*value = (struct field_value) {
				.data = span_slice(all, at, end - at), .first = true, .last = true
			};
			return true;
		}
		at = end + 1;
	}
	return false;
}

static bool get_cname(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_part(&krb5_tx_of(source->tx)->cname_parts, index, value);
}

static bool get_sname(const struct field_source *source, unsigned index, struct field_value *value)
{
	return nth_part(&krb5_tx_of(source->tx)->sname_parts, index, value);
}

static bool get_type(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = krb5_tx_of(source->tx)->type;
	return index == 0;
}

static bool get_error(const struct field_source *source, unsigned index, uint64_t *value)
{
	const struct krb5_tx *tx = krb5_tx_of(source->tx);
	*value = (uint32_t)tx->error;
	return index == 0 && tx->has_error;
}

// krb5.ticket_encryption: weak, or a list of names and numbers; each may be negated.

#define ETYPES_MAX 40

struct etype_test {
	bool weak, strong; // "weak", "!weak"
	bool negated;      // none of the list
	uint8_t count;
	int32_t etypes[ETYPES_MAX];
};
static_assert(sizeof(struct etype_test) <= FIELD_TEST_BYTES, "fits a test");

static bool read_etype(struct span word, int32_t *out)
{
	char text[16], *end;
	if (krb5_etype_find(word, out))
		return true;
	if (word.len == 0 || word.len >= sizeof text)
		return false;
	memcpy(text, word.data, word.len);
	text[word.len] = 0;
	long number = strtol(text, &end, 10);
	*out = (int32_t)number;
	return *end == 0 && number >= INT32_MIN && number <= INT32_MAX;
}

static const char *parse_etypes(const char *arguments, void *data)
{
	struct etype_test *test = data;
	struct span rest = span_trim(span_text(arguments)), word;
	bool negated = rest.len && rest.data[0] == '!';
	if (negated)
		rest = span_trim(span_from(rest, 1));
	if (span_is_nocase(rest, "weak")) {
		test->weak = !negated;
		test->strong = negated;
		return NULL;
	}
	if (span_is_nocase(rest, "strong")) {
		test->strong = !negated;
		test->weak = negated;
		return NULL;
	}
	test->negated = negated;
	while (argument_next(&rest, ',', &word)) {
		if (test->count == ETYPES_MAX)
			return "too many encryption types";
		if (!read_etype(word, &test->etypes[test->count++]))
			return "expected weak, or a list of encryption types by number or name";
	}
	return test->count ? NULL : "expected weak, or a list of encryption types by number or name";
}

static bool match_etypes(const struct field_source *source, const void *data)
{
	const struct etype_test *test = data;
	const struct krb5_tx *tx = krb5_tx_of(source->tx);
	if (!tx->has_ticket_etype)
		return false;
	if (test->weak || test->strong)
		return krb5_etype_is_weak(tx->ticket_etype) == test->weak;
	for (unsigned i = 0; i < test->count; i++)
		if (test->etypes[i] == tx->ticket_etype)
			return !test->negated;
	return test->negated;
}

#define BOTH(read)                           \
	{ APP_KRB5, TO_SERVER, 1, read },    \
	{                                    \
		APP_KRB5, TO_CLIENT, 1, read \
	}

FIELD_BUFFER(field_krb5_cname, APP_KRB5, "krb5.cname", FIELD_SPELLINGS("krb5_cname"), "krb5 client name", FIELD_MULTI,
	BOTH(get_cname));
FIELD_BUFFER(field_krb5_sname, APP_KRB5, "krb5.sname", FIELD_SPELLINGS("krb5_sname"), "krb5 server name", FIELD_MULTI,
	BOTH(get_sname));
FIELD_NUMBER(field_krb5_msg_type, APP_KRB5, "krb5_msg_type", "krb5.msg_type", 8, 0, NULL, BOTH(get_type));
FIELD_NUMBER(field_krb5_err_code, APP_KRB5, "krb5_err_code", "krb5.err_code", 32, 0, NULL, BOTH(get_error));

const struct field_test field_krb5_ticket_encryption = {
	.name = "krb5.ticket_encryption",
	.level = FIELD_TX,
	.own_negation = true,
	.parse = parse_etypes,
	.proto = APP_KRB5,
	.readers = (const struct field_test_reader[]) { BOTH(match_etypes), { .match = NULL } },
};
