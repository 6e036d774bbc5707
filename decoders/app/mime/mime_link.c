// SPDX-License-Identifier: GPL-3.0-or-later
// Links in the texts of a mail: what begins with one of the schemes set, up to what cannot be in an address.
#include "decoders/app/mime/mime.h"
#include "decoders/base/steps.h"

#define TEXT_MAX 4096u // bytes of a line of text; a longer one is looked at in pieces

static bool is_end(uint8_t byte)
{
	return byte <= ' ' || byte == '"' || byte == '\'' || byte == '<' || byte == '>' || byte == ']' || byte == '}';
}

static bool ends_in(struct span text, const char *end)
{
	size_t len = strlen(end);
	return text.len >= len && strncasecmp((const char *)text.data + text.len - len, end, len) == 0;
}

static void look_at_host(struct mime *mime, struct span address)
{
	static const char *const programs[] = { ".exe", ".msi", ".scr", ".com", ".bat", ".ps1", ".vbs", ".js" };
	uint32_t host = 0, dots = 0;
	if (address.len && address.data[0] == '[')
		mime->ipv6_link = true;
	while (host < address.len &&
		(address.data[host] == '.' || (address.data[host] >= '0' && address.data[host] <= '9')))
		dots += address.data[host++] == '.';
	bool host_ends = host == address.len || address.data[host] == '/' || address.data[host] == ':';
	if (dots == 3 && host_ends)
		mime->ipv4_link = true;
	uint32_t slash = span_find(address, '/', 0);
	struct span path = span_from(address, slash);
	for (unsigned i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (ends_in(path, programs[i]))
			mime->exe_link = true;
}

static void add(struct mime *mime, const struct mime_place *place, struct span whole, uint32_t scheme_len, bool hidden)
{
	struct span address = span_from(whole, scheme_len);
	if (!address.len)
		return;
	if (!hidden)
		look_at_host(mime, address);
	struct span kept = place->config->keep_scheme ? whole : address;
	kept = span_slice(kept, 0, MIME_LINK_MAX);
	if (mime->links_kept == MIME_LINKS_MAX) {
		mime->lost++;
		return;
	}
	struct mime_link *link = slab_alloc(place->slab, sizeof(*link) + kept.len);
	if (!link) {
		mime->lost++;
		return;
	}
	link->hidden = hidden;
	link->len = kept.len;
	memcpy(link->bytes, kept.data, kept.len);
	if (mime->last_link)
		mime->last_link->next = link;
	else
		mime->first_link = link;
	mime->last_link = link;
	mime->links_kept++;
}

// The length of the scheme whose colon is at colon; 0: none that is asked for. *from: where it begins.
static uint32_t scheme_at(
	const struct mime_config *config, struct span text, uint32_t colon, uint32_t *from, bool *hidden)
{
	for (unsigned i = 0; i < config->schemes; i++) {
		const char *scheme = config->scheme[i];
		uint32_t before = (uint32_t)strcspn(scheme, ":"), len = (uint32_t)strlen(scheme);
		if (colon < before || !span_starts_nocase(span_from(text, colon - before), scheme))
			continue;
		*from = colon - before;
		*hidden = i >= config->shown;
		return len;
	}
	return 0;
}

// A link that is not shown may hold one that is; another hidden one in it is part of it.
static void scan(struct mime *mime, const struct mime_place *place)
{
	struct span text = bytes_span(&mime->text);
	uint32_t hidden_end = 0;
	work_step(text.len);
	for (uint32_t colon = span_find(text, ':', 0), from; colon < text.len;) {
		bool hidden = false;
		uint32_t scheme = scheme_at(place->config, text, colon, &from, &hidden);
		uint32_t end = colon + 1;
		if (scheme && (!hidden || colon >= hidden_end)) {
			while (end < text.len && !is_end(text.data[end]))
				end++;
			add(mime, place, span_slice(text, from, end - from), scheme, hidden);
			hidden_end = hidden ? end : hidden_end;
		}
		colon = span_find(text, ':', hidden ? colon + 1 : end);
	}
	mime->text.len = 0;
}

void mime_links_take(struct mime *mime, const struct mime_place *place, struct span decoded)
{
	while (decoded.len) {
		uint32_t end = span_find(decoded, '\n', 0);
		bool whole = end < decoded.len;
		struct span piece = span_slice(decoded, 0, end);
		while (piece.len) {
			uint32_t taken = bytes_append(place->slab, &mime->text, piece, TEXT_MAX);
			if (!taken && !mime->text.len)
				return; // no memory
			if (taken < piece.len)
				scan(mime, place);
			piece = span_from(piece, taken);
		}
		if (whole)
			scan(mime, place);
		decoded = span_from(decoded, whole ? end + 1 : end);
	}
}

void mime_links_end(struct mime *mime, const struct mime_place *place)
{
	scan(mime, place);
	bytes_fini(place->slab, &mime->text);
}

void mime_links_free(struct mime *mime, struct slab *slab)
{
	while (mime->first_link) {
		struct mime_link *link = mime->first_link;
		mime->first_link = link->next;
		slab_free(slab, link, sizeof(*link) + link->len);
	}
	bytes_fini(slab, &mime->text);
}

bool mime_link_at(const struct mime *mime, unsigned index, struct span *out)
{
	const struct mime_link *link = mime->first_link;
	while (link && (link->hidden || index--))
		link = link->next;
	if (link)
		*out = span_of(link->bytes, link->len);
	return link != NULL;
}
