// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/ike.h"
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

FIELD_NUMBER(field_ike_exchtype, APP_IKE, "ike.exchtype", NULL, 8, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_ike_nonce_payload_length, APP_IKE, "ike.nonce_payload_length", NULL, 32, 0, NULL, FIELD_WAITING);
FIELD_NUMBER(field_ike_key_exchange_payload_length, APP_IKE, "ike.key_exchange_payload_length", NULL, 32, 0, NULL,
	FIELD_WAITING);
FIELD_TEST(field_ike_chosen_sa_attribute, APP_IKE, "ike.chosen_sa_attribute", NULL, parse_attribute, FIELD_WAITING);
FIELD_BUFFER(field_ike_init_spi, APP_IKE, "ike.init_spi", NULL, "ike init spi", 0, FIELD_WAITING);
FIELD_BUFFER(field_ike_resp_spi, APP_IKE, "ike.resp_spi", NULL, "ike resp spi", 0, FIELD_WAITING);
FIELD_BUFFER(field_ike_nonce_payload, APP_IKE, "ike.nonce_payload", NULL, "ike nonce payload", 0, FIELD_WAITING);
FIELD_BUFFER(field_ike_key_exchange_payload, APP_IKE, "ike.key_exchange_payload", NULL, "ike key exchange payload", 0,
	FIELD_WAITING);
FIELD_BUFFER(field_ike_vendor, APP_IKE, "ike.vendor", NULL, "ike vendor", FIELD_MULTI, FIELD_WAITING);
