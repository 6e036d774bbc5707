// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/eve/forwarded.h"
#include "decoders/app/http/http.h"
#include "decoders/app/http2/http2.h"

static bool find_header(const struct flow *flow, const struct app_tx *tx, const char *name, struct span *value)
{
	if (flow->app.parser == &http_parser)
		return http_header_find(tx, TO_SERVER, name, value);
	return flow->app.parser == &http2_parser && http2_header_find(http2_tx_of(tx), TO_SERVER, name, value);
}

bool eve_forwarded_of(
	const struct eve_forwarded *config, const struct flow *flow, const struct app_tx *tx, struct address *out)
{
	struct span value;
	if (!config->enabled || !flow || !tx || !find_header(flow, tx, config->header, &value))
		return false;
	if (config->deployment == FORWARDED_FORWARD)
		value = span_slice(value, 0, span_find(value, ',', 0));
	else
		for (uint32_t comma; (comma = span_find(value, ',', 0)) < value.len;)
			value = span_from(value, comma + 1);
	return address_parse_span(span_trim(value), out);
}
