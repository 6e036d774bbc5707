// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/quic.h"
#include <stdio.h>
#include "decoders/app/quic/quic.h"
#include "export/eve/one_way.h"

#define EXTENSIONS_MAX 128u
#define VALUES_MAX     64u
#define TEXT_MAX       1024u
#define EXT_SNI        0
#define EXT_ALPN       16

static void write_values(struct json *json, const struct quic_tx *quic, uint16_t type)
{
	struct span name;
	bool alpn = type == EXT_ALPN && quic->hello.alpn.len;
	if (!alpn && !(type == EXT_SNI && quic->sni.len))
		return;
	json_put_array(json, "values");
	if (!alpn)
		json_put_limited(json, NULL, quic->sni, TEXT_MAX);
	uint32_t at = 0;
	for (unsigned i = 0; alpn && i < VALUES_MAX && tls_next_alpn(quic->hello.alpn, &at, &name); i++)
		json_put_limited(json, NULL, name, TEXT_MAX);
	json_array_end(json);
}

static void write_extensions(struct json *json, const struct quic_tx *quic)
{
	struct span value;
	uint16_t type;
	uint32_t at = 0;
	if (!quic->has_hello || !quic->hello.extensions.len)
		return;
	json_put_array(json, "extensions");
	for (unsigned i = 0; i < EXTENSIONS_MAX && tls_next_extension(quic->hello.extensions, &at, &type, &value);
		i++) {
		json_put_object(json, NULL);
		json_put_text(json, "name", quic_extension_name(type));
		json_put_uint(json, "type", type);
		write_values(json, quic, type);
		json_object_end(json);
	}
	json_array_end(json);
}

static bool write_quic(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	const struct quic_tx *quic = quic_tx_of(tx);
	char version[16];
	(void)config, (void)flow, (void)in_alert;
	if (part > 0)
		return false;
	snprintf(version, sizeof(version), "%u", quic->version);
	json_put_object(json, "quic");
	json_put_text(json, "version", version);
	if (quic->sni.len)
		json_put_limited(json, "sni", quic->sni, TEXT_MAX);
	if (quic->ua.len)
		json_put_limited(json, "ua", quic->ua, TEXT_MAX);
	if (quic->cyu.len) {
		json_put_array(json, "cyu");
		json_put_object(json, NULL);
		json_put_text(json, "hash", quic->cyu_hash);
		json_put_span(json, "string", bytes_span(&quic->cyu));
		json_object_end(json);
		json_array_end(json);
	}
	if (quic->ja3_hash[0]) {
		json_put_object(json, tx->direction_mask & 1 ? "ja3" : "ja3s");
		json_put_text(json, "hash", quic->ja3_hash);
		json_put_span(json, "string", bytes_span(&quic->ja3));
		json_object_end(json);
	}
	if (quic->ja4[0])
		json_put_text(json, "ja4", quic->ja4);
	write_extensions(json, quic);
	json_object_end(json);
	return true;
}

const struct eve_app eve_quic = {
	.proto = APP_QUIC, .event_type = "quic", .write = write_quic, .direction = eve_one_way
};
