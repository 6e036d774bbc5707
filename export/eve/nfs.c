// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/nfs.h"
#include <stdio.h>
#include "decoders/app/nfs/nfs.h"

static void put_name(struct json *json, const char *key, const char *name, uint32_t value)
{
	char number[16];
	snprintf(number, sizeof(number), "%u", value);
	json_put_text(json, key, name ? name : number);
}

static void put_rpc(struct json *json, const struct nfs_tx *tx)
{
	static const char *const auths[] = { "NULL", "UNIX", "SHORT", "DES", NULL, NULL, "GSS" };
	json_put_object(json, "rpc");
	json_put_uint(json, "xid", tx->xid);
	json_put_text(json, "status", tx->rpc_status ? "DENIED" : "ACCEPTED");
	put_name(json, "auth_type", tx->auth <= RPC_AUTH_GSS ? auths[tx->auth] : NULL, tx->auth);
	if (tx->auth == RPC_AUTH_UNIX) {
		json_put_object(json, "creds");
		json_put_span(json, "machine_name", bytes_span(&tx->machine));
		json_put_uint(json, "uid", tx->uid);
		json_put_uint(json, "gid", tx->gid);
		json_object_end(json);
	}
	json_object_end(json);
}

static void put_file(struct json *json, const struct nfs_tx *tx)
{
	json_put_object(json, tx->carries == TO_SERVER ? "write" : "read");
	json_put_bool(json, "first", tx->first);
	json_put_bool(json, "last", tx->last);
	json_put_uint(json, "last_xid", tx->last_xid);
	json_put_uint(json, "chunks", tx->chunks);
	json_object_end(json);
}

static bool write_nfs(struct json *json, const struct eve_config *config, const struct flow *flow,
	const struct app_tx *base, unsigned part, bool in_alert)
{
	(void)config, (void)flow, (void)in_alert;
	const struct nfs_tx *tx = nfs_tx_of(base);
	char hash[16];
	if (part)
		return false;
	put_rpc(json, tx);
	json_put_object(json, "nfs");
	json_put_uint(json, "version", tx->version);
	put_name(json, "procedure", nfs_procedure_name(tx->version, tx->procedure), tx->procedure);
	json_put_span(json, "filename", bytes_span(&tx->name));
	if (tx->handle.len) {
		snprintf(hash, sizeof(hash), "%x", nfs_handle_hash(&tx->handle));
		json_put_text(json, "hhash", hash);
	}
	json_put_uint(json, "id", tx->tx.id + 1);
	json_put_bool(json, "file_tx", tx->is_file);
	json_put_text(json, "type", "response");
	put_name(json, "status", nfs_status_name(tx->version, tx->status), tx->status);
	if (tx->is_file)
		put_file(json, tx);
	if (tx->to.len) {
		json_put_object(json, "rename");
		json_put_span(json, "from", bytes_span(&tx->name));
		json_put_span(json, "to", bytes_span(&tx->to));
		json_object_end(json);
	}
	json_object_end(json);
	return true;
}

// Asking for attributes is left out, as in Suricata: clients do little else.
static bool wanted(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	return nfs_tx_of(tx)->version == 4 || nfs_tx_of(tx)->procedure != 1;
}

const struct eve_app eve_nfs = { .proto = APP_NFS, .event_type = "nfs", .write = write_nfs, .wanted = wanted };
