// SPDX-License-Identifier: GPL-3.0-or-later
// Session setup: who the security blob says logs on.
#include "decoders/app/krb5/krb5_message.h"
#include "decoders/app/ntlmssp/ntlmssp.h"
#include "decoders/app/ntlmssp/spnego.h"
#include "decoders/app/smb/smb_internal.h"

#define SNAMES_BYTES_MAX 2048

static void keep_ntlmssp(struct smb_reader *r, struct smb_tx *tx, struct span token)
{
	struct ntlmssp message;
	if (!ntlmssp_parse(token, &message)) {
		smb_event(r, SMB_MALFORMED_NTLMSSP_REQUEST);
		return;
	}
	if (message.type != NTLMSSP_AUTHENTICATE)
		return;
	if (message.malformed) {
		smb_event(r, SMB_MALFORMED_NTLMSSP_REQUEST);
		return;
	}
	struct smb_session_setup *setup = &tx->setup;
	bool unicode = message.flags & NTLMSSP_UNICODE;
	setup->has_ntlmssp = true;
	setup->unordered = message.unordered;
	if (message.unordered)
		smb_event(r, SMB_UNUSUAL_NTLMSSP_ORDER);
	smb_keep_text(r, &setup->domain, message.domain, unicode);
	smb_keep_text(r, &setup->user, message.user, unicode);
	smb_keep_text(r, &setup->host, message.workstation, unicode);
	setup->has_version = message.has_version;
	setup->major = message.major;
	setup->minor = message.minor;
	setup->build = message.build;
	setup->revision = message.revision;
}

static void keep_kerberos(struct smb_reader *r, struct smb_tx *tx, struct span token)
{
	struct krb5_message message;
	if (krb5_message_parse(token, &message) != KRB5_OK || message.type != KRB5_AP_REQ)
		return;
	struct smb_session_setup *setup = &tx->setup;
	setup->has_kerberos = true;
	smb_keep_text(r, &setup->realm, message.realm, false);
	struct krb5_name_walk walk;
	struct span part;
	krb5_name_begin(&message.sname, &walk);
	while (krb5_name_next(&walk, &part)) {
		if (setup->snames.len + part.len + 1 > SNAMES_BYTES_MAX) {
			smb_count(r, SMB_COUNT_OVER_BUDGET);
			return;
		}
		smb_keep_text(r, &setup->snames, part, false);
		bytes_append(r->slab, &setup->snames, span_of("", 1), SNAMES_BYTES_MAX);
	}
}

void smb_security_blob(struct smb_reader *r, struct smb_tx *tx, struct span blob)
{
	struct spnego found = spnego_read(blob);
	switch ((enum spnego_kind)found.kind) {
	case SPNEGO_NTLMSSP: keep_ntlmssp(r, tx, found.token); break;
	case SPNEGO_KRB5: keep_kerberos(r, tx, found.token); break;
	case SPNEGO_NONE:
		if (found.malformed)
			smb_count(r, SMB_COUNT_MALFORMED);
		break;
	}
}
