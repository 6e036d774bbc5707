// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/smb.h"
#include "decoders/app/smb/smb.h"
#include "export/eve/dcerpc.h"
#include <stdio.h>

static void put_bytes(struct json *json, const char *key, const struct bytes *text)
{
	json_put_span(json, key, bytes_span(text));
}

static void put_fuid(struct json *json, const struct smb_tx *tx)
{
	char text[37];
	smb_guid_text(tx->fuid, tx->fuid_len, text);
	json_put_text(json, "fuid", text);
}

static void put_name(struct json *json, const char *key, const struct bytes *name)
{
	if (name->len)
		put_bytes(json, key, name);
	else
		json_put_text(json, "filename", "<share_root>");
}

static void put_access(struct json *json, bool delete_on_close)
{
	json_put_text(json, "access", delete_on_close ? "delete on close" : "normal");
}

// Zero-ended texts, one behind the other.
static void put_texts(struct json *json, const char *key, const struct bytes *texts)
{
	json_put_array(json, key);
	for (uint32_t at = 0; at < texts->len;) {
		uint32_t end = span_find(bytes_span(texts), 0, at);
		json_put_span(json, NULL, span_slice(bytes_span(texts), at, end - at));
		at = end + 1;
	}
	json_array_end(json);
}

static void write_negotiate(struct json *json, const struct smb_tx *tx, const struct smb_agreed *agreed)
{
	const struct smb_negotiate *n = &tx->negotiate;
	char text[37];
	if (n->dialect_count)
		put_texts(json, "client_dialects", &n->dialects);
	if (n->has_client_guid) {
		smb_guid_text(n->client_guid, 16, text);
		json_put_text(json, "client_guid", text);
	}
	smb_guid_text(n->server_guid, n->has_server_guid ? 16 : 0, text);
	json_put_text(json, "server_guid", text);
	if (agreed->max_read)
		json_put_uint(json, "max_read_size", agreed->max_read);
	if (agreed->max_write)
		json_put_uint(json, "max_write_size", agreed->max_write);
}

static void write_host(struct json *json, const char *key, const struct smb_session_setup *s, int direction)
{
	if (!s->has_os[direction])
		return;
	json_put_object(json, key);
	put_bytes(json, "native_os", &s->native_os[direction]);
	put_bytes(json, "native_lm", &s->native_lm[direction]);
	json_object_end(json);
}

static void write_setup(struct json *json, const struct smb_session_setup *s)
{
	char text[64];
	if (s->has_ntlmssp) {
		json_put_object(json, "ntlmssp");
		put_bytes(json, "domain", &s->domain);
		put_bytes(json, "user", &s->user);
		put_bytes(json, "host", &s->host);
		if (s->has_version) {
			snprintf(text, sizeof text, "%u.%u build %u rev %u", s->major, s->minor, s->build, s->revision);
			json_put_text(json, "version", text);
		}
		if (s->unordered)
			json_put_bool(json, "warning", true);
		json_object_end(json);
	}
	if (s->has_kerberos) {
		json_put_object(json, "kerberos");
		put_bytes(json, "realm", &s->realm);
		if (s->snames.len)
			put_texts(json, "snames", &s->snames);
		json_object_end(json);
	}
	write_host(json, "request", s, TO_SERVER);
	write_host(json, "response", s, TO_CLIENT);
}

static void write_connect(struct json *json, const struct smb_tx *tx)
{
	static const char *const types[] = { "UNKNOWN", "FILE", "PIPE", "PRINT" };
	const struct smb_tree_connect *c = &tx->connect;
	put_bytes(json, c->is_pipe ? "named_pipe" : "share", &tx->name);
	if (tx->version == 2) {
		json_put_text(json, "share_type", types[c->share_type <= 3 ? c->share_type : 0]);
		return;
	}
	json_put_object(json, "service");
	if (c->has_request_service)
		json_put_text(json, "request", c->request_service);
	if (c->has_response_service)
		json_put_text(json, "response", c->response_service);
	json_object_end(json);
}

static void write_create(struct json *json, const struct smb_tx *tx)
{
	const struct smb_create *c = &tx->create;
	put_name(json, c->directory ? "directory" : "filename", &tx->name);
	json_put_text(json, "disposition", smb_disposition_name(c->disposition));
	put_access(json, c->delete_on_close);
	json_put_uint(json, "created", c->created);
	json_put_uint(json, "accessed", c->accessed);
	json_put_uint(json, "modified", c->modified);
	json_put_uint(json, "changed", c->changed);
	json_put_uint(json, "size", c->size);
	put_fuid(json, tx);
}

static void write_file(struct json *json, const struct smb_tx *tx)
{
	put_bytes(json, "filename", &tx->name);
	put_bytes(json, "share", &tx->share);
	put_fuid(json, tx);
}

static void write_info_class(struct json *json, const char *level)
{
	json_put_object(json, "set_info");
	json_put_text(json, "class", "FILE_INFO");
	json_put_text(json, "info_level", level);
	json_object_end(json);
}

static void write_rename(struct json *json, const struct smb_tx *tx)
{
	if (tx->version == 2)
		write_info_class(json, "SMB2_FILE_RENAME_INFO");
	json_put_object(json, "rename");
	put_bytes(json, "from", &tx->name);
	put_bytes(json, "to", &tx->new_name);
	json_object_end(json);
	put_fuid(json, tx);
}

static void write_set_info(struct json *json, const struct smb_tx *tx)
{
	put_name(json, "filename", &tx->name);
	put_access(json, tx->set_info.delete_on_close);
	if (tx->kind == SMB_SET_INFO) {
		write_info_class(json, "SMB2_FILE_DISPOSITION_INFO");
	} else {
		char text[24];
		snprintf(text, sizeof text, "UNKNOWN:%u", tx->set_info.subcommand);
		const char *subcommand = tx->set_info.subcommand == 8   ? "SET_FILE_INFO"
					 : tx->set_info.subcommand == 6 ? "SET_PATH_INFO"
									: text;
		json_put_text(json, "subcmd", subcommand);
		snprintf(text, sizeof text, "UNKNOWN:%u", tx->set_info.level);
		json_put_text(
			json, "level_of_interest", tx->set_info.level == 1013 ? "Set Disposition Information" : text);
	}
	put_fuid(json, tx);
}

static void write_part(struct json *json, const char *key, const struct dcerpc_call *call, enum direction direction)
{
	json_put_object(json, key);
	json_put_uint(json, "frag_cnt", call->fragments[direction]);
	json_put_uint(json, "stub_data_size", call->stub_size[direction]);
	json_object_end(json);
}

static void write_call(struct json *json, const struct dcerpc_call *call)
{
	json_put_object(json, "dcerpc");
	json_put_text(json, "request", call->has_request ? dcerpc_type_name(call->request) : "REQUEST_LOST");
	json_put_text(json, "response", call->has_response ? dcerpc_type_name(call->response) : "UNREPLIED");
	if (call->has_request && call->request == DCERPC_REQUEST) {
		json_put_uint(json, "opnum", call->opnum);
		write_part(json, "req", call, TO_SERVER);
	}
	eve_dcerpc_interfaces(json, call, true);
	if (call->has_response && call->response == DCERPC_RESPONSE)
		write_part(json, "res", call, TO_CLIENT);
	json_put_uint(json, "call_id", call->call_id);
	json_object_end(json);
}

static void write_command(struct json *json, const struct smb_tx *tx, const struct smb_agreed *agreed)
{
	char text[24];
	json_put_uint(json, "id", tx->tx.id + 1);
	if (agreed->dialect)
		json_put_text(json, "dialect", smb2_dialect_name(agreed->dialect, text));
	else if (agreed->dialect1.len)
		json_put_span(json, "dialect", agreed->dialect1);
	else
		json_put_text(json, "dialect", "unknown");
	json_put_text(json, "command",
		tx->version == 1 ? smb1_command_name(tx->command, text) : smb2_command_name(tx->command, text));
	if (tx->has_status) {
		json_put_text(json, "status",
			tx->dos_status ? smb_dos_status_name(tx->status, text) : smb_status_name(tx->status, text));
		if (tx->dos_status)
			snprintf(text, sizeof text, "0x%04x", tx->status & 0xffff);
		else
			snprintf(text, sizeof text, "0x%x", tx->status);
		json_put_text(json, "status_code", text);
	}
	json_put_uint(json, "session_id", tx->session);
	json_put_uint(json, "tree_id", tx->tree);
}

static bool eve_smb_write(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)config, (void)in_alert;
	if (part > 0)
		return false;
	const struct smb_tx *tx = smb_tx_of(base);
	struct smb_agreed agreed = smb_agreed_of(flow);
	char text[16];
	json_put_object(json, "smb");
	write_command(json, tx, &agreed);
	switch ((enum smb_kind)tx->kind) {
	case SMB_GENERIC:
		if (tx->name.len)
			put_bytes(json, "filename", &tx->name);
		break;
	case SMB_NEGOTIATE: write_negotiate(json, tx, &agreed); break;
	case SMB_SESSION_SETUP: write_setup(json, &tx->setup); break;
	case SMB_TREE_CONNECT: write_connect(json, tx); break;
	case SMB_CREATE: write_create(json, tx); break;
	case SMB_FILE: write_file(json, tx); break;
	case SMB_RENAME: write_rename(json, tx); break;
	case SMB_SET_INFO:
	case SMB_SET_PATH: write_set_info(json, tx); break;
	case SMB_RPC: write_call(json, &tx->call); break;
	case SMB_IOCTL: json_put_text(json, "function", smb_function_name(tx->function, text)); break;
	}
	json_object_end(json);
	return true;
}

const struct eve_app eve_smb = { .proto = APP_SMB, .event_type = "smb", .write = eve_smb_write };
