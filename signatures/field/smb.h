// SPDX-License-Identifier: GPL-3.0-or-later
// Fields of SMB: shares, pipes, and who logs on.
//
// Threads      const tables
#pragma once
#include "signatures/field/declare.h"

#define SMB_BUFFERS(X)            \
	X(field_smb_named_pipe)   \
	X(field_smb_share)        \
	X(field_smb_ntlmssp_user) \
	X(field_smb_ntlmssp_domain)
#define SMB_NUMBERS(X) X(field_smb_version)

SMB_BUFFERS(FIELD_DECLARE_BUFFER)
SMB_NUMBERS(FIELD_DECLARE_NUMBER)
