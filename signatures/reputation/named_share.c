// SPDX-License-Identifier: GPL-3.0-or-later
// What moving files names: where FTP's data go, and the server by whose name SMB asks for a share.
#include "decoders/app/ftp/ftp.h"
#include "decoders/app/smb/smb.h"
#include "signatures/reputation/named_reading.h"

// One end more than the flow's own, which were looked up.
static void give_third(struct reading *reading, const struct address *address, uint16_t port)
{
	const struct flow_key *key = &reading->inspection->flow->key;
	if (!address_equal(address, &key->src) && !address_equal(address, &key->dst))
		named_give_address(reading, NAMED_FTP_DATA, address, port);
}

bool named_read_ftp(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct ftp_tx *ftp = ftp_tx_of(tx);
	struct address address;
	struct span code, text;
	uint16_t port;
	if (direction == TO_SERVER) {
		if ((ftp->command == FTP_PORT && ftp_port_read(ftp->argument, &address, &port)) ||
			(ftp->command == FTP_EPRT && ftp_eprt_read(ftp->argument, &address, &port)))
			give_third(reading, &address, port);
		return true;
	}
	if (ftp->command != FTP_PASV)
		return true;
	if (!ftp->done && !reading->inspection->flow_ended)
		return false;
	for (const struct ftp_reply *reply = ftp->first; reply; reply = reply->next) {
		ftp_reply_parts(reply, &code, &text);
		if (span_is(code, "227") && ftp_port_read(text, &address, &port)) {
			give_third(reading, &address, port);
			break;
		}
	}
	return true;
}

// "\\server\share": names with a dot only, for others are the local network's, and addresses are the flow's end.
bool named_read_smb(struct reading *reading, struct app_tx *tx, enum direction direction)
{
	const struct smb_tx *smb = (const struct smb_tx *)(const void *)tx;
	struct span path = bytes_span(&smb->name), host;
	struct address address;
	if (direction != TO_SERVER || smb->kind != SMB_TREE_CONNECT)
		return true;
	if (!smb->request_done && !reading->inspection->flow_ended)
		return false;
	if (!span_starts(path, "\\\\"))
		return true;
	host = span_slice(path, 2, span_find(path, '\\', 2) - 2);
	host = span_slice(host, 0, span_find(host, '@', 0)); // of WebDAV: "server@SSL@443"
	if (span_find(host, '.', 0) < host.len && !named_address_of(host, &address))
		named_give_host(reading, NAMED_SMB_SHARE, host);
	return true;
}
