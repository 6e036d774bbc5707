// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/pgsql.h"
#include <stdio.h>
#include "decoders/app/pgsql/pgsql.h"
#include "decoders/base/cursor.h"

#define TEXT_MAX 16384u // bytes of a query that are told
#define NAME_MAX 64

static void put_text(struct json *json, const char *key, struct span bytes)
{
	json_put_limited(json, key, pgsql_text(&bytes), TEXT_MAX);
}

// One parameter as an object of its own: {"time_zone": "UTC"}.
static void put_parameter(struct json *json, struct span name, struct span value)
{
	static const struct {
		const char *sent, *told;
	} renamed[] = { { "DateStyle", "date_style" }, { "IntervalStyle", "interval_style" },
		{ "TimeZone", "time_zone" } };
	char key[NAME_MAX];
	snprintf(key, sizeof(key), "%.*s", (int)(name.len < NAME_MAX ? name.len : NAME_MAX - 1),
		(const char *)name.data);
	for (unsigned i = 0; i < sizeof(renamed) / sizeof(renamed[0]); i++)
		if (span_is(name, renamed[i].sent))
			snprintf(key, sizeof(key), "%s", renamed[i].told);
	json_put_object(json, NULL);
	json_put_limited(json, key, value, TEXT_MAX);
	json_object_end(json);
}

static void put_startup(struct json *json, struct span body)
{
	struct cursor c = cursor_on(body);
	char version[16];
	unsigned major = cursor_be16(&c), minor = cursor_be16(&c);
	snprintf(version, sizeof(version), "%u.%u", major, minor);
	json_put_text(json, "protocol_version", version);
	json_put_object(json, "startup_parameters");
	bool optional = false;
	struct span all = cursor_rest(&c), name, value, user = { NULL, 0 };
	for (struct span rest = all; rest.len > 1;) {
		name = pgsql_text(&rest);
		value = pgsql_text(&rest);
		if (span_is(name, "user"))
			user = value;
		else if (name.len)
			optional = true;
	}
	if (user.data)
		json_put_limited(json, "user", user, TEXT_MAX);
	if (optional)
		json_put_array(json, "optional_parameters");
	for (struct span rest = optional ? all : user; optional && rest.len > 1;) {
		name = pgsql_text(&rest);
		value = pgsql_text(&rest);
		if (name.len && !span_is(name, "user"))
			put_parameter(json, name, value);
	}
	if (optional)
		json_array_end(json);
	json_object_end(json);
}

static void put_request(struct json *json, const struct kept *kept, bool passwords)
{
	struct span body = kept_span(kept);
	struct cursor c = cursor_on(body);
	switch ((enum pgsql_request)kept->kind) {
	case PGSQL_STARTUP: put_startup(json, body); break;
	case PGSQL_SSL_REQUEST: json_put_text(json, "message", "SSL Request"); break;
	case PGSQL_GSS_REQUEST: json_put_text(json, "message", "GSSENC Request"); break;
	case PGSQL_CANCEL:
		json_put_text(json, "message", "cancel_request");
		json_put_uint(json, "process_id", cursor_be32(&c));
		json_put_uint(json, "secret_key", cursor_be32(&c));
		break;
	case PGSQL_PASSWORD:
		if (passwords)
			put_text(json, "password", body);
		else
			json_put_bool(json, "password_redacted", true);
		break;
	case PGSQL_SASL_INITIAL:
		json_put_span(json, "sasl_authentication_mechanism", pgsql_text(&body));
		json_put_limited(json, "sasl_param", span_from(body, 4), TEXT_MAX);
		break;
	case PGSQL_SASL_RESPONSE: json_put_limited(json, "sasl_response", body, TEXT_MAX); break;
	case PGSQL_PARSE: pgsql_text(&body); // fallthrough
	case PGSQL_QUERY: put_text(json, "simple_query", body); break;
	case PGSQL_TERMINATE: json_put_text(json, "message", "termination_message"); break;
	case PGSQL_COPY_DONE: json_put_text(json, "message", "copy_done"); break;
	case PGSQL_COPY_FAIL: json_put_text(json, "message", "copy_fail"); break;
	case PGSQL_UNKNOWN: break;
	}
}

// Fields of errors and notices (the manual's "Error and Notice Message Fields").
static void put_error(struct json *json, struct span body)
{
	static const char *const names[128] = { ['S'] = "severity_localizable",
		['V'] = "severity_non_localizable",
		['C'] = "code",
		['M'] = "message",
		['F'] = "file",
		['L'] = "line",
		['R'] = "routine" };
	bool told[128] = { false };
	while (body.len > 1 && body.data[0]) {
		uint8_t type = body.data[0] & 127;
		body = span_from(body, 1);
		struct span text = pgsql_text(&body);
		if (names[type] && !told[type])
			json_put_limited(json, names[type], text, TEXT_MAX);
		told[type] = true;
	}
}

enum told {
	TOLD_MESSAGE = 1,
	TOLD_FIELDS = 2,
	TOLD_KEY = 4,
	TOLD_COMMAND = 8,
	TOLD_SSL = 16,
	TOLD_COPY = 32,
	TOLD_AUTH = 64
};

static bool once(unsigned *told, unsigned bit)
{
	bool first = !(*told & bit);
	*told |= bit;
	return first;
}

static void put_auth(struct json *json, struct span body, unsigned *told)
{
	static const char *const names[] = { [PGSQL_AUTH_OK] = "authentication_ok",
		[PGSQL_AUTH_KERBEROS_5] = "authentication_kerb5",
		[PGSQL_AUTH_CLEARTEXT] = "authentication_cleartext_password",
		[PGSQL_AUTH_MD5] = "authentication_md5_password",
		[PGSQL_AUTH_GSS] = "authentication_gss",
		[PGSQL_AUTH_GSS_CONTINUE] = "authentication_gss_continue",
		[PGSQL_AUTH_SSPI] = "authentication_sspi",
		[PGSQL_AUTH_SASL] = "authentication_sasl",
		[PGSQL_AUTH_SASL_CONTINUE] = "authentication_sasl_continue",
		[PGSQL_AUTH_SASL_FINAL] = "authentication_sasl_final" };
	if (body.len < 4 || be32_at(body.data) >= sizeof(names) / sizeof(names[0]))
		return;
	uint32_t code = be32_at(body.data);
	if (code == PGSQL_AUTH_MD5 || code == PGSQL_AUTH_SASL_FINAL) {
		if (once(told, TOLD_AUTH))
			json_put_limited(json, names[code], span_from(body, 4), TEXT_MAX);
	} else if (names[code] && once(told, TOLD_MESSAGE)) {
		json_put_text(json, "message", names[code]);
	}
}

// One response; each member is told once.
static void put_response(struct json *json, const struct kept *kept, unsigned *told)
{
	struct span body = kept_span(kept);
	struct cursor c = cursor_on(body);
	switch (kept->kind) {
	case PGSQL_SSL_ANSWER:
		if (once(told, TOLD_SSL))
			json_put_bool(json, "ssl_accepted", body.len && body.data[0] == 'S');
		break;
	case 'R': put_auth(json, body, told); break;
	case 'E':
	case 'N':
		if (once(told, TOLD_MESSAGE))
			put_error(json, body);
		break;
	case 'K':
		if (!once(told, TOLD_KEY))
			break;
		json_put_uint(json, "process_id", cursor_be32(&c));
		json_put_uint(json, "secret_key", cursor_be32(&c));
		break;
	case 'T':
		if (once(told, TOLD_FIELDS))
			json_put_uint(json, "field_count", cursor_be16(&c));
		break;
	case 'C':
		if (once(told, TOLD_COMMAND))
			put_text(json, "command_completed", body);
		break;
	case 'G':
	case 'H':
		if (!once(told, TOLD_COPY))
			break;
		cursor_u8(&c);
		json_put_object(json, kept->kind == 'G' ? "copy_in_response" : "copy_out_response");
		json_put_uint(json, "columns", cursor_be16(&c));
		json_object_end(json);
		break;
	default: break;
	}
}

static void put_parameters(struct json *json, const struct pgsql_tx *tx)
{
	bool any = false;
	for (const struct kept *kept = tx->responses.first; kept; kept = kept->next) {
		if (kept->kind != 'S')
			continue;
		if (!any)
			json_put_array(json, "parameter_status");
		any = true;
		struct span rest = kept_span(kept), name = pgsql_text(&rest);
		put_parameter(json, name, pgsql_text(&rest));
	}
	if (any)
		json_array_end(json);
}

static void put_counted(struct json *json, const char *key, const char *count_key, uint64_t count, uint64_t bytes)
{
	if (!count)
		return;
	json_put_object(json, key);
	json_put_uint(json, count_key, count);
	json_put_uint(json, "data_size", bytes);
	json_object_end(json);
}

static void put_responses(struct json *json, const struct pgsql_tx *tx)
{
	unsigned told = 0;
	json_put_object(json, "response");
	// What failed says more than that somebody may log in
	for (const struct kept *kept = tx->responses.first; kept; kept = kept->next)
		if (kept->kind == 'E')
			put_response(json, kept, &told);
	for (const struct kept *kept = tx->responses.first; kept; kept = kept->next)
		if (kept->kind != 'E')
			put_response(json, kept, &told);
	put_parameters(json, tx);
	if (tx->rows) {
		json_put_uint(json, "data_rows", tx->rows);
		json_put_uint(json, "data_size", tx->row_bytes);
	}
	put_counted(json, "copy_data_out", "row_count", tx->copies_out, tx->copy_out_bytes);
	json_object_end(json);
}

static bool write_pgsql(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	(void)flow, (void)in_alert;
	if (part)
		return false;
	const struct pgsql_tx *mine = pgsql_tx_of(tx);
	const char *passwords = eve_setting(config, "pgsql", "passwords");
	json_put_object(json, "pgsql");
	json_put_uint(json, "tx_id", tx->id + 1);
	if (mine->requests.first || mine->copies_in) {
		json_put_object(json, "request");
		if (mine->requests.first)
			put_request(json, mine->requests.first, passwords && strcasecmp(passwords, "yes") == 0);
		put_counted(json, "copy_data_in", "msg_count", mine->copies_in, mine->copy_in_bytes);
		json_object_end(json);
	}
	if (mine->responses.first || mine->rows || mine->copies_out)
		put_responses(json, mine);
	json_object_end(json);
	return true;
}

const struct eve_app eve_pgsql = { .proto = APP_PGSQL, .event_type = "pgsql", .write = write_pgsql };
