// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an EtherNet/IP session.
#include "decoders/app/enip/enip.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_path(struct span path)
{
	struct cip_segment segment;
	for (uint32_t at = 0; cip_segment_next(path, &at, &segment);)
		;
}

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	for (unsigned i = 0; i < 2; i++) {
		const struct enip_pdu *pdu = &enip_tx_of(tx)->pdus[i];
		struct enip_identity identity;
		struct enip_services services;
		struct enip_register registration;
		struct cip_message message, part;
		unsigned index = 0;
		(void)enip_identity_read(pdu, &identity);
		(void)enip_services_read(pdu, &services);
		(void)enip_register_read(pdu, &registration);
		if (!enip_cip_read(pdu, &message))
			continue;
		read_path(message.path);
		while (cip_part_next(&message, &index, &part))
			read_path(part.path);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&enip_parser, data, size, read_all);
}
