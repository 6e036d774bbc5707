// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as an HTTP/2 connection.
#include "decoders/app/http2/http2.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	(void)flow;
	const struct http2_tx *http2 = http2_tx_of(tx);
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		struct http2_header header;
		struct http2_frame frame;
		struct http2_setting setting;
		uint32_t sum = 0;
		for (uint32_t i = 0; http2_header_at(http2, (enum direction)d, i, &header); i++)
			for (uint32_t at = 0; at < header.name.len; at++)
				sum += header.name.data[at];
		for (uint32_t i = 0; http2_frame_at(http2, (enum direction)d, i, &frame); i++)
			sum += frame.value;
		for (uint32_t i = 0; http2_setting_at(http2, (enum direction)d, i, &setting); i++)
			sum += setting.value;
		(void)sum;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&http2_parser, data, size, read_all);
}
