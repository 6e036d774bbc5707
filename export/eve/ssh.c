// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/ssh.h"
#include "decoders/app/ssh/ssh.h"

#define HASSH_BYTES (16u << 10) // of a HASSH string told

static void write_side(struct json *json, const char *key, const struct ssh_side *side)
{
	if (!side->proto.len && !side->hassh_hash[0])
		return;
	json_put_object(json, key);
	if (side->proto.len)
		json_put_span(json, "proto_version", side->proto);
	if (side->software.len)
		json_put_span(json, "software_version", side->software);
	if (side->hassh_hash[0]) {
		json_put_object(json, "hassh");
		json_put_text(json, "hash", side->hassh_hash);
		json_put_limited(json, "string", bytes_span(&side->hassh), HASSH_BYTES);
		json_object_end(json);
	}
	json_object_end(json);
}

static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	const struct ssh_tx *ssh = ssh_tx_of(tx);
	(void)flow;
	return ssh->sides[TO_SERVER].proto.len || ssh->sides[TO_CLIENT].proto.len;
}

static bool write_ssh(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *tx, unsigned part, bool in_alert)
{
	const struct ssh_tx *ssh = ssh_tx_of(tx);
	(void)config, (void)in_alert;
	if (part > 0 || !wanted(flow, tx))
		return false;
	json_put_object(json, "ssh");
	write_side(json, "client", &ssh->sides[TO_SERVER]);
	write_side(json, "server", &ssh->sides[TO_CLIENT]);
	json_object_end(json);
	return true;
}

const struct eve_app eve_ssh = { .proto = APP_SSH, .event_type = "ssh", .write = write_ssh, .wanted = wanted };

bool eve_ssh_login(struct json *json, const struct flow *flow)
{
	const struct ssh_login *login = ssh_login_of(flow);
	if (!login)
		return false;
	json_put_object(json, "ssh");
	json_put_uint(json, "auth_attempts", ssh_login_attempts(login));
	json_put_bool(json, "auth_success", login->result == SSH_LOGIN_GRANTED);
	json_object_end(json);
	return true;
}
