// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/ssdp/ssdp.h"

const struct fact_name ssdp_facts[] = {
	[SSDP_METHOD] = { "method", FACT_TEXT, false },
	[SSDP_STATUS] = { "status_code", FACT_NUMBER, false },
	[SSDP_HOST] = { "host", FACT_TEXT, false },
	[SSDP_TARGET] = { "target", FACT_TEXT, false },
	[SSDP_NTS] = { "nts", FACT_TEXT, false },
	[SSDP_USN] = { "usn", FACT_TEXT, false },
	[SSDP_LOCATION] = { "location", FACT_TEXT, false },
	[SSDP_SERVER] = { "server", FACT_TEXT, false },
	[SSDP_USER_AGENT] = { "user_agent", FACT_TEXT, false },
	{ NULL, 0, false },
};

static const struct {
	const char *name;
	uint8_t id;
} headers[] = {
	{ "HOST", SSDP_HOST },
	{ "ST", SSDP_TARGET },
	{ "NT", SSDP_TARGET },
	{ "NTS", SSDP_NTS },
	{ "USN", SSDP_USN },
	{ "LOCATION", SSDP_LOCATION },
	{ "SERVER", SSDP_SERVER },
	{ "USER-AGENT", SSDP_USER_AGENT },
};

// The line at *at without its end; *at goes behind it. False: no more.
static bool next_line(struct span data, uint32_t *at, struct span *line)
{
	if (*at >= data.len)
		return false;
	uint32_t end = span_find(data, '\n', *at);
	work_step(end - *at + 1);
	*line = span_slice(data, *at, end - *at);
	if (line->len && line->data[line->len - 1] == '\r')
		line->len--;
	*at = end + 1;
	return true;
}

static void take_header(const struct app_input *input, struct fact_tx *tx, struct span line)
{
	uint32_t colon = span_find(line, ':', 0);
	struct span name = span_trim(span_slice(line, 0, colon));
	if (colon == line.len)
		return;
	for (unsigned i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (span_is_nocase(name, headers[i].name) && !fact_find(tx, headers[i].id, 0))
			fact_text(input, tx, headers[i].id, span_trim(span_from(line, colon + 1)));
}

static bool take_first_line(const struct app_input *input, struct fact_tx *tx, struct span line)
{
	static const char version[] = "HTTP/1.";
	if (span_starts(line, version)) {
		if (line.len < 12 || line.data[8] != ' ')
			return false;
		unsigned status = 0;
		for (unsigned i = 9; i < 12; i++) {
			unsigned digit = line.data[i] - (unsigned)'0';
			if (digit > 9)
				return false;
			status = status * 10 + digit;
		}
		fact_number(input, tx, SSDP_STATUS, status);
		return true;
	}
	uint32_t space = span_find(line, ' ', 0);
	if (!space || space == line.len)
		return false;
	fact_text(input, tx, SSDP_METHOD, span_slice(line, 0, space));
	return true;
}

static enum app_result parse(struct app_input *input)
{
	struct span line;
	uint32_t at = 0;
	if (!next_line(input->data, &at, &line))
		return APP_OK;
	struct fact_tx *tx = fact_begin(input, false);
	if (!tx)
		return APP_OK;
	if (!take_first_line(input, tx, line))
		fact_raise(input, tx, FACT_MALFORMED);
	unsigned count = 0;
	while (next_line(input->data, &at, &line) && line.len) {
		if (++count > SSDP_HEADERS_MAX) {
			tally(input, TALLY_OVER_BUDGET);
			fact_raise(input, tx, FACT_TOO_LONG);
			break;
		}
		take_header(input, tx, line);
	}
	fact_said(input, tx, input->direction);
	return APP_OK;
}

static enum app_probe probe(enum direction direction, struct span data, const struct flow *flow)
{
	(void)direction;
	if (span_starts(data, "M-SEARCH * HTTP/1.") || span_starts(data, "NOTIFY * HTTP/1."))
		return APP_PROBE_YES;
	return flow->app.flags & APP_HINTED && span_starts(data, "HTTP/1.") ? APP_PROBE_YES : APP_PROBE_NO;
}

static const struct app_port ports[] = { { PROTO_UDP, 1900, 1900 }, { 0 } };

const struct app_parser ssdp_parser = {
	.proto = APP_SSDP,
	.name = "ssdp",
	.udp = true,
	.ports = ports,
	.probe_bytes = 18,
	.probe = probe,
	.state_bytes = sizeof(struct fact_flow),
	.parse = parse,
	FACT_PARSER,
};
