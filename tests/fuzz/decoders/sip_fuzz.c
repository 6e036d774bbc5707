// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a SIP conversation, over UDP or TCP.
#include "decoders/app/sip/sip.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	const struct sip_message *m = sip_message_of(tx);
	struct span value;
	for (unsigned i = 0; i < 4; i++) {
		(void)sip_header(m, "via", 'v', i, &value);
		(void)sdp_session_line(m->sdp, 'a', i, &value);
		(void)sdp_media_line(m->sdp, 'c', i, &value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&sip_parser, data, size, read_all);
}
