// SPDX-License-Identifier: GPL-3.0-or-later
// Any bytes as a flow of HTTP/1.
#include "decoders/app/http/http.h"
#include "decoders/app/http/http_login.h"
#include "tests/support/decoders/app_drive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// Reads everything rules and events read, so that a bad pointer shows.
static void read_all(const struct flow *flow, const struct app_tx *tx)
{
	static volatile uint64_t sink;
	static struct http_login login;
	struct span text;
	struct http_header header;
	uint64_t sum = http_response_length(tx) + http_is_winrm(tx);
	(void)flow;
	for (int part = 0; part < HTTP_PARTS_END; part++)
		if (http_part(tx, (enum http_part)part, &text) && text.len)
			sum += text.data[text.len - 1];
	for (int d = TO_SERVER; d <= TO_CLIENT; d++) {
		for (uint32_t i = 0; http_header_at(tx, (enum direction)d, i, &header); i++)
			sum += header.name.len + header.value.len;
		if (http_login_read(tx, (enum direction)d, &login) && login.ntlm.user.len)
			sum += login.ntlm.user.data[login.ntlm.user.len - 1];
	}
	sink = sink + sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return app_drive_fuzz(&http_parser, data, size, read_all);
}
