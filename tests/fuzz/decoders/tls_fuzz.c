// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a flow of TLS.
#include "decoders/app/tls/tls.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t read_strings(const struct tls_strings *list)
{
	struct span text;
	uint32_t sum = 0;
	for (uint32_t at = 0; tls_strings_next(list, &at, &text);)
		for (uint32_t i = 0; i < text.len; i++)
			sum += text.data[i];
	return sum;
}

static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	static volatile uint32_t sink;
	(void)flow;
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		const struct tls_side *side = &((const struct tls_tx *)(const void *)tx)->side[d];
		sink = sink + read_strings(&side->alpn) + read_strings(&side->chain) +
		       read_strings(&side->certificate.names);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&tls_parser, data, size, read_all);
}
