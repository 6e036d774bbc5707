// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as IKE datagrams.
#include "decoders/app/ike/ike.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	struct ike_message m;
	struct ike_chain chain = { 0 };
	struct ike_payload payload;
	if (!ike_tx_read(ike_tx_of(tx), &m))
		return;
	while (ike_payload_next(&m, &chain, &payload)) {
		struct ike_transforms transforms;
		struct ike_transform transform;
		struct ike_attribute attribute;
		ike_transforms_begin(m.major, payload.body, &transforms);
		while (ike_transform_next(&transforms, &transform))
			for (uint32_t at = 0; ike_attribute_next(transform.attributes, &at, &attribute);)
				;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&ike_parser, data, size, read_all);
}
