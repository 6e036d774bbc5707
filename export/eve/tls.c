// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/tls.h"
#include "decoders/app/tls/tls.h"
#include <stdio.h>
#include <time.h>

// A longer chain is left out of the event, which has to fit its record.
#define CHAIN_BYTES_MAX (32u << 10)

static bool setting_is_no(const struct eve_config *config, const char *key)
{
	const char *value = eve_setting(config, "tls", key);
	return value &&
	       (strcasecmp(value, "no") == 0 || strcasecmp(value, "off") == 0 || strcasecmp(value, "false") == 0);
}

static void write_text(struct json *json, const char *key, const struct bytes *text)
{
	if (text->len)
		json_put_span(json, key, bytes_span(text));
}

static void write_strings(struct json *json, const char *key, const struct tls_strings *list, bool base64)
{
	if (list->count == 0)
		return;
	json_put_array(json, key);
	uint32_t at = 0;
	struct span item;
	while (tls_strings_next(list, &at, &item)) {
		if (base64)
			json_put_base64(json, NULL, item);
		else
			json_put_span(json, NULL, item);
	}
	json_array_end(json);
}

static void write_numbers(struct json *json, const char *key, const struct bytes *list)
{
	if (list->len == 0)
		return;
	json_put_array(json, key);
	for (uint32_t i = 0; i + 2 <= list->len; i += 2) {
		uint16_t value;
		memcpy(&value, list->data + i, sizeof(value));
		json_put_uint(json, NULL, value);
	}
	json_array_end(json);
}

static void write_date(struct json *json, const char *key, int64_t seconds)
{
	struct tm tm;
	time_t when = (time_t)seconds;
	char text[32];
	// Four digits of year are what readers take
	if (gmtime_r(&when, &tm) && tm.tm_year > -900 && tm.tm_year < 1100 &&
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm))
		json_put_text(json, key, text);
}

static void write_certificate(struct json *json, const struct tls_side *side, bool details)
{
	const struct tls_certificate *certificate = &side->certificate;
	write_text(json, "subject", &certificate->subject);
	write_text(json, "issuerdn", &certificate->issuer);
	write_text(json, "serial", &certificate->serial);
	if (certificate->fingerprint[0])
		json_put_text(json, "fingerprint", certificate->fingerprint);
	write_strings(json, "subjectaltname", &certificate->names, false);
	if (certificate->seen) {
		write_date(json, "notbefore", certificate->not_before_s);
		write_date(json, "notafter", certificate->not_after_s);
	}
	uint32_t at = 0;
	struct span first;
	if (!details || side->chain.bytes.len > CHAIN_BYTES_MAX || !tls_strings_next(&side->chain, &at, &first))
		return;
	json_put_base64(json, "certificate", first);
	write_strings(json, "chain", &side->chain, true);
}

static void write_ja3(struct json *json, const char *key, const struct tls_side *side)
{
	if (!side->ja3_hash[0])
		return;
	json_put_object(json, key);
	json_put_text(json, "hash", side->ja3_hash);
	json_put_span(json, "string", bytes_span(&side->ja3));
	json_object_end(json);
}

static void write_handshakes(struct json *json, const struct tls_side *client, const struct tls_side *server)
{
	char version[24];
	if (client->has_hello && client->ciphers.len) {
		json_put_object(json, "client_handshake");
		json_put_text(json, "version", tls_version_name(client->best_version, version));
		write_numbers(json, "ciphers", &client->ciphers);
		write_numbers(json, "exts", &client->extensions);
		write_numbers(json, "sig_algs", &client->sig_algs);
		json_object_end(json);
	}
	if (server->has_hello && server->ciphers.len >= 2) {
		uint16_t cipher;
		memcpy(&cipher, server->ciphers.data, sizeof(cipher));
		json_put_object(json, "server_handshake");
		json_put_text(json, "version", tls_version_name(server->best_version, version));
		json_put_uint(json, "cipher", cipher);
		write_numbers(json, "exts", &server->extensions);
		json_object_end(json);
	}
}

// An alert carries what names the session; its own event carries all that is known.
static bool eve_tls_write(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	if (part > 0)
		return false;
	const struct tls_tx *tls = (const struct tls_tx *)tx;
	const struct tls_side *client = &tls->side[TO_SERVER], *server = &tls->side[TO_CLIENT];
	char version[24];
	bool details = !in_alert && !setting_is_no(config, "certificates");
	json_put_object(json, "tls");
	write_certificate(json, server, details);
	if (tls_tx_is_resumed(tls))
		json_put_bool(json, "session_resumed", true);
	write_text(json, "sni", &client->sni);
	json_put_text(json, "version", tls_version_name(tls_tx_version(tls), version));
	uint8_t from = flow->app.proto_original;
	if (from > APP_FAILED && from < APP_PROTOS_END && from != APP_TLS)
		json_put_text(json, "from_proto", app_proto_eve_name((enum app_proto)from));
	write_ja3(json, "ja3", client);
	write_ja3(json, "ja3s", server);
	if (client->ja4[0])
		json_put_text(json, "ja4", client->ja4);
	write_strings(json, "client_alpns", &client->alpn, false);
	write_strings(json, "server_alpns", &server->alpn, false);
	if (client->certificate.seen || client->chain.count) {
		json_put_object(json, "client");
		write_certificate(json, client, details);
		json_object_end(json);
	}
	if (!in_alert)
		write_handshakes(json, client, server);
	json_object_end(json);
	return true;
}

static bool eve_tls_wanted(const struct flow *flow, const struct app_tx *tx)
{
	// A flow that was dropped in the middle of its handshake is told of by the drop
	if ((flow->flags & FLOW_DROPPED) && tx->progress[TO_CLIENT] < TLS_SERVER_HANDSHAKE_DONE)
		return false;
	return tls_tx_is_telling((const struct tls_tx *)tx);
}

const struct eve_app eve_tls = {
	.proto = APP_TLS, .event_type = "tls", .write = eve_tls_write, .wanted = eve_tls_wanted
};
