// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a security blob: SPNEGO, and NTLMSSP or Kerberos in it.
#include "decoders/app/krb5/krb5_message.h"
#include "decoders/app/ntlmssp/ntlmssp.h"
#include "decoders/app/ntlmssp/spnego.h"
#include <stddef.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void inside(struct span whole, struct span part)
{
	if (part.len && (part.data < whole.data || part.data + part.len > whole.data + whole.len))
		abort();
}

static void read_ntlmssp(struct span blob)
{
	struct ntlmssp m;
	if (!ntlmssp_parse(blob, &m))
		return;
	inside(blob, m.domain);
	inside(blob, m.user);
	inside(blob, m.workstation);
	inside(blob, m.target);
	inside(blob, m.server);
	inside(blob, m.dns_domain);
	inside(blob, m.dns_server);
	inside(blob, m.dns_forest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span blob = span_of(data, size);
	struct krb5_message message;
	struct spnego found = spnego_read(blob);
	inside(blob, found.token);
	read_ntlmssp(blob);
	if (found.kind == SPNEGO_NTLMSSP)
		read_ntlmssp(found.token);
	if (found.kind == SPNEGO_KRB5)
		(void)krb5_message_parse(found.token, &message);
	return 0;
}
