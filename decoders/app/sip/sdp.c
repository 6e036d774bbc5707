// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/sip/sdp.h"

bool sdp_next(struct span description, uint32_t *at, struct sdp_line *line)
{
	if (*at >= description.len || description.len - *at < 2 || description.data[*at + 1] != '=')
		return false;
	uint32_t end = span_find(description, '\n', *at);
	work_step(1 + (end - *at) / 16);
	struct span whole = span_slice(description, *at, end - *at);
	line->type = (char)whole.data[0];
	line->value = span_from(whole, 2);
	if (line->value.len && line->value.data[line->value.len - 1] == '\r')
		line->value.len--;
	*at = end < description.len ? end + 1 : end;
	return true;
}

bool sdp_plausible(struct span description)
{
	return span_starts(description, "v=0");
}

bool sdp_session_line(struct span description, char type, unsigned index, struct span *value)
{
	struct sdp_line line;
	uint32_t at = 0;
	for (unsigned i = 0; i < SDP_LINES_MAX && sdp_next(description, &at, &line) && line.type != 'm'; i++) {
		if (line.type == type && index-- == 0) {
			*value = line.value;
			return true;
		}
	}
	return false;
}

bool sdp_media_line(struct span description, char type, unsigned n, struct span *value)
{
	struct sdp_line line;
	uint32_t at = 0;
	bool in_media = false, seen = false;
	for (unsigned i = 0; i < SDP_LINES_MAX && sdp_next(description, &at, &line); i++) {
		if (line.type == 'm') {
			in_media = true;
			seen = false;
		}
		if (!in_media || seen || line.type != type)
			continue;
		seen = true;
		if (n-- == 0) {
			*value = line.value;
			return true;
		}
	}
	return false;
}
