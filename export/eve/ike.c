// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/ike.h"
#include <stdio.h>
#include <strings.h>
#include "decoders/app/ike/ike.h"

#define PROPOSALS_TOLD 32

// Attributes of version 1 (RFC 2409 appendix A) and names of their values, from 1.
static const struct {
	uint16_t type;
	const char *name, *raw;
	const char *values[19];
} attributes[] = {
	{ 1, "alg_enc", "alg_enc_raw",
		{ NULL, "EncDesCbc", "EncIdeaCbc", "EncBlowfishCbc", "EncRc5R16B64Cbc", "EncTripleDesCbc", "EncCastCbc",
			"EncAesCbc", "EncCamelliaCbc" } },
	{ 2, "alg_hash", "alg_hash_raw",
		{ NULL, "HashMd5", "HashSha", "HashTiger", "HashSha2_256", "HashSha2_384", "HashSha2_512" } },
	{ 3, "alg_auth", "alg_auth_raw",
		{ NULL, "AuthPreSharedKey", "AuthDssSignatures", "AuthRsaSignatures", "AuthEncryptionWithRsa",
			"AuthRevisedEncryptionWithRsa" } },
	{ 4, "alg_dh", "alg_dh_raw",
		{ NULL, "GroupDefault768BitModp", "GroupAlternate1024BitModpGroup", "GroupEc2nOnGp2p155",
			"GroupEc2nOnGp2p185", "Group1536BitModp", [14] = "Group2048BitModp", [15] = "Group3072BitModp",
			[16] = "Group4096BitModp", [17] = "Group6144BitModp", [18] = "Group8192BitModp" } },
	{ 11, "sa_life_type", "sa_life_type_raw", { NULL, "LifeTypeSeconds", "LifeTypeKilobytes" } },
	{ 12, "sa_life_duration", "sa_life_duration_raw", { NULL } },
	{ 14, "sa_key_length", "sa_key_length_raw", { NULL } },
};

static void put_attributes(struct json *json, struct span all)
{
	struct ike_attribute a;
	uint32_t at = 0, told = 0;
	while (ike_attribute_next(all, &at, &a))
		for (unsigned i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
			if (attributes[i].type != a.type || told >> i & 1)
				continue;
			told |= 1u << i;
			const char *value = a.value < 19 ? attributes[i].values[a.value] : NULL;
			json_put_text(json, attributes[i].name, value ? value : "Unknown");
			json_put_uint(json, attributes[i].raw, a.value);
		}
}

static void put_said(struct json *json, const char *who, const struct ike_said *said, bool proposals)
{
	struct ike_transforms transforms;
	struct ike_transform t;
	json_put_object(json, who);
	if (said->key_exchange.len) {
		json_put_hex(json, "key_exchange_payload", bytes_span(&said->key_exchange), 0);
		json_put_uint(json, "key_exchange_payload_length", said->key_exchange.len);
	}
	if (said->nonce.len) {
		json_put_hex(json, "nonce_payload", bytes_span(&said->nonce), 0);
		json_put_uint(json, "nonce_payload_length", said->nonce.len);
	}
	ike_transforms_begin(1, bytes_span(&said->proposals), &transforms);
	if (proposals && said->proposals.len) {
		json_put_array(json, "proposals");
		for (unsigned i = 0; i < PROPOSALS_TOLD && ike_transform_next(&transforms, &t); i++) {
			json_put_object(json, NULL);
			put_attributes(json, t.attributes);
			json_object_end(json);
		}
		json_array_end(json);
	}
	json_object_end(json);
}

static void put_version_1(struct json *json, const struct ike_state *state, const struct ike_message *m)
{
	struct ike_transforms transforms;
	struct ike_transform chosen;
	ike_transforms_begin(1, bytes_span(&state->said[TO_CLIENT].proposals), &transforms);
	if (ike_transform_next(&transforms, &chosen))
		put_attributes(json, chosen.attributes);
	json_put_object(json, "ikev1");
	if (state->has_doi)
		json_put_uint(json, "doi", state->doi);
	json_put_bool(json, "encrypted_payloads", m->flags & IKE_ENCRYPTED);
	if (!(m->flags & IKE_ENCRYPTED)) {
		put_said(json, "client", &state->said[TO_SERVER], true);
		put_said(json, "server", &state->said[TO_CLIENT], false);
		if (state->vendor_count) {
			json_put_array(json, "vendor_ids");
			for (unsigned i = 0; i < state->vendor_count; i++)
				json_put_hex(json, NULL, bytes_span(&state->vendors[i]), 0);
			json_array_end(json);
		}
	}
	json_object_end(json);
}

// RFC 7296 section 3.2
static void put_payload_name(struct json *json, uint8_t type)
{
	static const char *const names[] = { "SecurityAssociation", "KeyExchange", "IdentInitiator", "IdentResponder",
		"Certificate", "CertificateRequest", "Authentication", "Nonce", "Notify", "Delete", "VendorID",
		"TrafficSelectorInitiator", "TrafficSelectorResponder", "EncryptedAndAuthenticated", "Configuration",
		"ExtensibleAuthentication" };
	char unknown[32];
	if (type == 0) {
		json_put_text(json, NULL, "NoNextPayload");
	} else if (type >= IKE2_SA && type < IKE2_SA + sizeof(names) / sizeof(names[0])) {
		json_put_text(json, NULL, names[type - IKE2_SA]);
	} else {
		snprintf(unknown, sizeof(unknown), "IkePayloadType(%u)", type);
		json_put_text(json, NULL, unknown);
	}
}

static void put_notify(struct json *json, struct span body)
{
	static const struct {
		uint16_t type;
		const char *name;
	} names[] = { { 1, "UNSUPPORTED_CRITICAL_PAYLOAD" }, { 4, "INVALID_IKE_SPI" }, { 5, "INVALID_MAJOR_VERSION" },
		{ 7, "INVALID_SYNTAX" }, { 9, "INVALID_MESSAGE_ID" }, { 11, "INVALID_SPI" },
		{ 14, "NO_PROPOSAL_CHOSEN" }, { 17, "INVALID_KE_PAYLOAD" }, { 24, "AUTHENTICATION_FAILED" },
		{ 16384, "INITIAL_CONTACT" }, { 16388, "NAT_DETECTION_SOURCE_IP" },
		{ 16389, "NAT_DETECTION_DESTINATION_IP" }, { 16390, "COOKIE" }, { 16393, "REKEY_SA" } };
	char unknown[32];
	if (body.len < 4)
		return;
	uint16_t type = be16_at(body.data + 2);
	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].type == type) {
			json_put_text(json, NULL, names[i].name);
			return;
		}
	snprintf(unknown, sizeof(unknown), "NotifyType(%u)", type);
	json_put_text(json, NULL, unknown);
}

static void put_version_2(struct json *json, const struct ike_tx *tx, const struct ike_message *m)
{
	struct ike_chain chain = { 0 };
	struct ike_payload payload;
	json_put_text(json, "role", m->flags & IKE_INITIATOR ? "initiator" : "responder");
	json_put_array(json, "payload");
	while (ike_payload_next(m, &chain, &payload))
		put_payload_name(json, payload.type);
	put_payload_name(json, 0);
	json_array_end(json);
	json_put_object(json, "ikev2");
	json_put_uint(json, "errors", tx->errors);
	json_put_array(json, "notify");
	chain = (struct ike_chain) { 0 };
	while (ike_payload_next(m, &chain, &payload))
		if (payload.type == IKE2_NOTIFY)
			put_notify(json, payload.body);
	json_array_end(json);
	json_object_end(json);
}

static bool write_ike(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)in_alert;
	static const char *const exchanges[] = { "None", "Base", "IdentityProtection", "AuthenticationOnly",
		"Aggressive", "Informational" };
	const struct ike_tx *tx = ike_tx_of(base);
	struct ike_message m;
	if (part || !ike_tx_read(tx, &m))
		return false;
	json_put_object(json, "ike");
	json_put_uint(json, "version_major", m.major);
	json_put_uint(json, "version_minor", m.minor);
	json_put_hex(json, "init_spi", m.init_spi, 0);
	json_put_hex(json, "resp_spi", m.resp_spi, 0);
	json_put_uint(json, "message_id", m.id);
	json_put_uint(json, "exchange_type", m.exchange);
	const char *extended = eve_setting(config, "ike", "extended");
	if (m.major == 1 && extended && strcasecmp(extended, "yes") == 0 && m.exchange < 6)
		json_put_text(json, "exchange_type_verbose", exchanges[m.exchange]);
	if (m.major == 1 && flow->app.state)
		put_version_1(json, flow->app.state, &m);
	else if (m.major == 2)
		put_version_2(json, tx, &m);
	json_object_end(json);
	return true;
}

const struct eve_app eve_ike = { .proto = APP_IKE, .event_type = "ike", .write = write_ike };
