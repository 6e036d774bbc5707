// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as QUIC datagrams. Opened packets cannot be guessed, so that the same bytes are also read as the frames in them.
#include "decoders/app/quic/quic.h"
#include "decoders/app/quic/quic_internal.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	const struct quic_tx *quic = quic_tx_of(tx);
	struct span value;
	uint16_t type;
	(void)flow;
	for (uint32_t at = 0; quic->has_hello && tls_next_extension(quic->hello.extensions, &at, &type, &value);)
		(void)quic_extension_name(type);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct quic_stream stream = { 0 };
	struct span message, name, value;
	struct slab *slab = slab_new(4u << 20);
	uint32_t at = 0;
	quic_frames_read(slab, &stream, span_of(data, size));
	quic_stream_message(&stream, &message);
	if (quic_google_message(span_of(data, size), &message))
		while (quic_google_tag(message, &at, &name, &value))
			;
	slab_destroy(slab);
	return app_drive_fuzz(&quic_parser, data, size, read_all);
}
