// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/field/smb.h"
#include "decoders/app/smb/smb.h"

static bool whole(const struct bytes *bytes, struct field_value *value)
{
	*value = (struct field_value) { .data = bytes_span(bytes), .first = true, .last = true };
	return true;
}

static bool get_connect(const struct field_source *source, bool pipe, struct field_value *value)
{
	const struct smb_tx *tx = smb_tx_of(source->tx);
	return tx->kind == SMB_TREE_CONNECT && tx->connect.is_pipe == pipe && whole(&tx->name, value);
}

static bool get_named_pipe(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && get_connect(source, true, value);
}

static bool get_share(const struct field_source *source, unsigned index, struct field_value *value)
{
	return index == 0 && get_connect(source, false, value);
}

static const struct smb_session_setup *ntlmssp_of(const struct field_source *source)
{
	const struct smb_tx *tx = smb_tx_of(source->tx);
	return tx->kind == SMB_SESSION_SETUP && tx->setup.has_ntlmssp ? &tx->setup : NULL;
}

static bool get_user(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct smb_session_setup *setup = ntlmssp_of(source);
	return index == 0 && setup && whole(&setup->user, value);
}

static bool get_domain(const struct field_source *source, unsigned index, struct field_value *value)
{
	const struct smb_session_setup *setup = ntlmssp_of(source);
	return index == 0 && setup && whole(&setup->domain, value);
}

static bool get_version(const struct field_source *source, unsigned index, uint64_t *value)
{
	*value = smb_tx_of(source->tx)->version;
	return index == 0;
}

// Whether a share is a pipe the answer tells: progress of the request waits for it (smb_request_done).
FIELD_BUFFER(field_smb_named_pipe, APP_SMB, "smb.named_pipe", FIELD_SPELLINGS("smb_named_pipe"),
	"smb named pipe of a tree connect", 0, { APP_SMB, TO_SERVER, 1, get_named_pipe });
FIELD_BUFFER(field_smb_share, APP_SMB, "smb.share", FIELD_SPELLINGS("smb_share"), "smb share of a tree connect", 0,
	{ APP_SMB, TO_SERVER, 1, get_share });
FIELD_BUFFER(field_smb_ntlmssp_user, APP_SMB, "smb.ntlmssp_user", FIELD_SPELLINGS("smb_ntlmssp_user"),
	"smb user of a session setup by NTLMSSP", 0, { APP_SMB, TO_SERVER, 1, get_user });
FIELD_BUFFER(field_smb_ntlmssp_domain, APP_SMB, "smb.ntlmssp_domain", FIELD_SPELLINGS("smb_ntlmssp_domain"),
	"smb domain of a session setup by NTLMSSP", 0, { APP_SMB, TO_SERVER, 1, get_domain });
FIELD_NUMBER(field_smb_version, APP_SMB, "smb.version", NULL, 8, 0, NULL, { APP_SMB, TO_SERVER, 0, get_version },
	{ APP_SMB, TO_CLIENT, 0, get_version });
