// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/sip/sip.h"

static struct span cut_end(struct span line)
{
	if (line.len && line.data[line.len - 1] == '\r')
		line.len--;
	return line;
}

// Up to the next blank; *rest is what follows it.
static struct span word(struct span *rest)
{
	uint32_t end = span_find(*rest, ' ', 0);
	struct span found = span_slice(*rest, 0, end);
	*rest = span_from(*rest, end < rest->len ? end + 1 : end);
	return found;
}

static bool read_line(struct span line, struct sip_message *m)
{
	struct span rest = line;
	m->line = line;
	struct span first = word(&rest);
	if (span_starts(first, "SIP/")) {
		m->response = true;
		m->version = first;
		m->code = word(&rest);
		m->reason = rest;
		return m->code.len == 3;
	}
	m->method = first;
	m->uri = word(&rest);
	m->version = rest;
	for (uint32_t i = 0; i < first.len; i++)
		if (first.data[i] < '!' || first.data[i] > '~')
			return false;
	return first.len && m->uri.len && span_starts(rest, "SIP/");
}

uint32_t sip_head_end(struct span data, uint32_t *from)
{
	for (uint32_t at = *from; (at = span_find(data, '\n', at)) < data.len; at++) {
		work_step(1);
		uint32_t next = at + 1;
		if (next < data.len && data.data[next] == '\r')
			next++;
		if (next >= data.len) {
			*from = at;
			return 0;
		}
		if (data.data[next] == '\n')
			return next + 1;
	}
	*from = data.len;
	return 0;
}

bool sip_message_read(struct span bytes, struct sip_message *m)
{
	*m = (struct sip_message) { 0 };
	uint32_t line_end = span_find(bytes, '\n', 0), from = 0;
	if (line_end == bytes.len || !read_line(cut_end(span_slice(bytes, 0, line_end)), m))
		return false;
	uint32_t head = sip_head_end(bytes, &from);
	m->headers = span_slice(bytes, line_end + 1, (head ? head : bytes.len) - line_end - 1);
	if (!head)
		return true;
	m->headers.len -= head > 1 && bytes.data[head - 2] == '\r' && m->headers.len >= 2 ? 2 : m->headers.len ? 1 : 0;
	m->body = span_from(bytes, head);
	struct span type;
	bool described = sip_header(m, "content-type", 'c', 0, &type) && span_starts_nocase(type, "application/sdp");
	if (m->body.len && (described || sdp_plausible(m->body)))
		m->sdp = m->body;
	return true;
}

// A line with those that continue it (beginning with white space).
static struct span folded_line(struct span text, uint32_t at, uint32_t *next)
{
	uint32_t end = span_find(text, '\n', at);
	while (end + 1 < text.len && (text.data[end + 1] == ' ' || text.data[end + 1] == '\t'))
		end = span_find(text, '\n', end + 1);
	*next = end + 1;
	return cut_end(span_slice(text, at, end - at));
}

bool sip_header(const struct sip_message *m, const char *name, char brief, unsigned index, struct span *value)
{
	for (uint32_t at = 0, next; at < m->headers.len; at = next) {
		struct span line = folded_line(m->headers, at, &next);
		uint32_t colon = span_find(line, ':', 0);
		if (colon == line.len)
			continue;
		struct span key = span_trim(span_slice(line, 0, colon));
		if (!span_is_nocase(key, name) && !(brief && key.len == 1 && (key.data[0] | 0x20) == brief))
			continue;
		if (index-- == 0) {
			*value = span_trim(span_from(line, colon + 1));
			return true;
		}
	}
	return false;
}
