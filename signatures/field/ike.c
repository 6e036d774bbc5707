// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ike.h"
#include "decoders/app/ike/ike.h"
#include "signatures/field/argument.h"

// ike.chosen_sa_attribute: "alg_enc=7".
struct attribute_test {
	uint16_t type; // attribute class, RFC 2409 appendix A; 0xffff sa_field_size
	uint32_t value;
};

static const char *parse_attribute(const char *arguments, void *data)
{
	static const struct field_name names[] = { { "alg_enc", 1 }, { "alg_hash", 2 }, { "alg_auth", 3 },
		{ "alg_dh", 4 }, { "sa_group_type", 5 }, { "sa_life_type", 11 }, { "sa_life_duration", 12 },
		{ "alg_prf", 13 }, { "sa_key_length", 14 }, { "sa_field_size", 15 }, { NULL, 0 } };
	struct attribute_test *test = data;
	struct span rest = span_text(arguments), name;
	uint64_t value;
	argument_next(&rest, '=', &name);
	unsigned i = 0;
	while (names[i].name && !span_is(name, names[i].name))
		i++;
	if (!names[i].name)
		return "expected NAME=NUMBER with alg_enc, alg_hash, alg_auth, alg_dh, alg_prf, sa_group_type, "
		       "sa_life_type, "
		       "sa_life_duration, sa_key_length or sa_field_size";
	if (!argument_number(rest, UINT32_MAX, &value))
		return "expected a number after the \"=\"";
	*test = (struct attribute_test) { (uint16_t)names[i].value, (uint32_t)value };
	return NULL;
}

static bool get_exchange(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct ike_message m;
	if (index || !ike_tx_read(ike_tx_of(source->tx), &m))
		return false;
	*value = m.exchange;
	return true;
}

static bool find_payload(const struct field_source *source, uint8_t first, uint8_t second, struct span *body)
{
	struct ike_message m;
	return ike_tx_read(ike_tx_of(source->tx), &m) && ike_payload_find(&m, m.major == 1 ? first : second, body);
}

static bool find_nonce(const struct field_source *source, struct span *body)
{
	return find_payload(source, IKE1_NONCE, IKE2_NONCE, body);
}

// Version 2 has the group before it (RFC 7296 section 3.4).
static bool find_key_exchange(const struct field_source *source, struct span *body)
{
	struct ike_message m;
	if (!ike_tx_read(ike_tx_of(source->tx), &m) ||
		!find_payload(source, IKE1_KEY_EXCHANGE, IKE2_KEY_EXCHANGE, body))
		return false;
	if (m.major == 2)
		*body = span_from(*body, 4);
	return true;
}

static bool get_nonce_length(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct span body;
	if (index || !find_nonce(source, &body))
		return false;
	*value = body.len;
	return true;
}

static bool get_key_exchange_length(const struct field_source *source, unsigned index, uint64_t *value)
{
	struct span body;
	if (index || !find_key_exchange(source, &body))
		return false;
	*value = body.len;
	return true;
}

static bool get_nonce(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct span body;
	return index == 0 && find_nonce(source, &body) && field_present(value, body);
}

static bool get_key_exchange(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct span body;
	return index == 0 && find_key_exchange(source, &body) && field_present(value, body);
}

// As lower case hexadecimal digits.
static bool give_hex(const struct field_source *source, struct span bytes, struct field_value *value)
{
	uint8_t *text = bytes.len ? field_scratch_take(source->scratch, bytes.len * 2) : NULL;
	if (!text)
		return false;
	for (uint32_t i = 0; i < bytes.len; i++) {
		text[2 * i] = (uint8_t) "0123456789abcdef"[bytes.data[i] >> 4];
		text[2 * i + 1] = (uint8_t) "0123456789abcdef"[bytes.data[i] & 15];
	}
	return field_present(value, span_of(text, bytes.len * 2));
}

static bool get_init_spi(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ike_message m;
	return index == 0 && ike_tx_read(ike_tx_of(source->tx), &m) && give_hex(source, m.init_spi, value);
}

static bool get_resp_spi(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ike_message m;
	return index == 0 && ike_tx_read(ike_tx_of(source->tx), &m) && give_hex(source, m.resp_spi, value);
}

static bool get_vendor(const struct field_source *source, unsigned index, struct field_value *value)
{
	struct ike_message m;
	struct ike_chain chain = { 0 };
	struct ike_payload payload;
	if (!ike_tx_read(ike_tx_of(source->tx), &m))
		return false;
	while (ike_payload_next(&m, &chain, &payload))
		if (payload.type == (m.major == 1 ? IKE1_VENDOR : IKE2_VENDOR) && index-- == 0)
			return give_hex(source, payload.body, value);
	return false;
}

static bool match_attribute(const struct field_source *source, const void *data)
{
	const struct attribute_test *test = data;
	struct ike_transforms transforms;
	struct ike_transform transform;
	struct ike_attribute attribute;
	struct ike_message m;
	struct span body;
	if (!ike_tx_read(ike_tx_of(source->tx), &m) || m.major != 1 || !ike_payload_find(&m, IKE1_SA, &body))
		return false;
	ike_transforms_begin(1, body, &transforms);
	while (ike_transform_next(&transforms, &transform))
		for (uint32_t at = 0; ike_attribute_next(transform.attributes, &at, &attribute);)
			if (attribute.type == test->type && attribute.value == test->value)
				return true;
	return false;
}

#define ASKED(function)                         \
	{                                       \
		APP_IKE, TO_SERVER, 1, function \
	}
#define ANSWERED(function)                      \
	{                                       \
		APP_IKE, TO_CLIENT, 1, function \
	}

FIELD_NUMBER(
	field_ike_exchtype, APP_IKE, "ike.exchtype", NULL, 8, 0, NULL, ASKED(get_exchange), ANSWERED(get_exchange));
FIELD_NUMBER(field_ike_nonce_payload_length, APP_IKE, "ike.nonce_payload_length", NULL, 32, 0, NULL,
	ASKED(get_nonce_length), ANSWERED(get_nonce_length));
FIELD_NUMBER(field_ike_key_exchange_payload_length, APP_IKE, "ike.key_exchange_payload_length", NULL, 32, 0, NULL,
	ASKED(get_key_exchange_length), ANSWERED(get_key_exchange_length));
FIELD_TEST(field_ike_chosen_sa_attribute, APP_IKE, "ike.chosen_sa_attribute", NULL, parse_attribute,
	ANSWERED(match_attribute));
FIELD_BUFFER(field_ike_init_spi, APP_IKE, "ike.init_spi", NULL, "ike init spi", 0, ASKED(get_init_spi));
FIELD_BUFFER(field_ike_resp_spi, APP_IKE, "ike.resp_spi", NULL, "ike resp spi", 0, ANSWERED(get_resp_spi));
FIELD_BUFFER(field_ike_nonce_payload, APP_IKE, "ike.nonce_payload", NULL, "ike nonce payload", 0, ASKED(get_nonce),
	ANSWERED(get_nonce));
FIELD_BUFFER(field_ike_key_exchange_payload, APP_IKE, "ike.key_exchange_payload", NULL, "ike key exchange payload", 0,
	ASKED(get_key_exchange), ANSWERED(get_key_exchange));
FIELD_BUFFER(field_ike_vendor, APP_IKE, "ike.vendor", NULL, "ike vendor", FIELD_MULTI, ASKED(get_vendor));
