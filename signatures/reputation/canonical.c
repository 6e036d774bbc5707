// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/canonical.h"
#include "signatures/reputation/canonical_part.h"

// Takes "scheme:" from the front of text when "//" follows it.
static struct span take_scheme(struct span *text)
{
	uint32_t len = 0;
	while (len < text->len && canonical_classes[text->data[len]] & CANONICAL_SCHEME)
		len++;
	if (!len || !span_starts(span_from(*text, len), "://"))
		return (struct span) { text->data, 0 };
	struct span scheme = span_slice(*text, 0, len);
	*text = span_from(*text, len + 1);
	return scheme;
}

// Of "//authority/path?query": takes the authority, without its user. False: "//" is not there.
static bool take_authority(struct span *text, struct span *authority)
{
	if (!span_starts(*text, "//"))
		return false;
	uint32_t end = 2;
	while (end < text->len && text->data[end] != '/' && text->data[end] != '?' && text->data[end] != '#')
		end++;
	*authority = span_slice(*text, 2, end - 2);
	*text = span_from(*text, end);
	if (span_find(*authority, '\\', 0) < authority->len)
		authority->len = 0; // some take it for a '/', some for part of the user: no host that all agree on
	for (uint32_t i = authority->len; i-- > 0;)
		if (authority->data[i] == '@') {
			*authority = span_from(*authority, i + 1);
			break;
		}
	return true;
}

static void put_rest(struct canonical_writer *w, struct span rest, struct canonical_url *url)
{
	rest.len = span_find(rest, '#', 0);
	uint32_t path_len = span_find(rest, '?', 0), start = w->len;
	canonical_put_path(w, span_slice(rest, 0, path_len));
	url->path = span_of(w->out + start, w->len - start);
	if (path_len < rest.len) {
		canonical_put_byte(w, '?');
		start = w->len;
		canonical_put_normal(w, span_from(rest, path_len + 1), CANONICAL_QUERY);
		url->query = span_of(w->out + start, w->len - start);
	}
	url->whole = span_of(w->out, w->len);
}

// Of "authority/path?query" or "/path": takes the authority. False: it is none of these.
static bool take_bare_authority(struct span *text, bool link, struct span *authority)
{
	uint32_t end = 0;
	while (end < text->len && text->data[end] != '/' && text->data[end] != '?' && text->data[end] != '#')
		end++;
	*authority = span_slice(*text, 0, end);
	*text = span_from(*text, end);
	if (link)
		return true;
	// A user needs "//" before it; without, it is a mail address, or the opaque part of a "mailto:"
	return (end || (text->len && text->data[0] == '/')) && span_find(*authority, '@', 0) == authority->len;
}

// As browsers have it: a backslash is a slash, and who is named before '@' is no host.
static void cut_link(struct span *authority, struct span *rest)
{
	uint32_t end = span_find(*authority, '\\', 0);
	if (end < authority->len) {
		rest->len += authority->len - end - 1;
		rest->data = authority->data + end + 1;
		authority->len = end;
	}
	for (uint32_t i = authority->len; i-- > 0;)
		if (authority->data[i] == '@') {
			*authority = span_from(*authority, i + 1);
			return;
		}
}

bool canonical_url(struct span text, uint8_t *out, struct canonical_url *url)
{
	struct canonical_writer w = { .out = out };
	*url = (struct canonical_url) { 0 };
	struct span scheme = take_scheme(&text), authority;
	if (!take_authority(&text, &authority)) {
		if (!take_bare_authority(&text, false, &authority) ||
			(authority.len && !canonical_put_authority(&w, scheme, authority, false, url)))
			return false;
	} else if (!canonical_put_authority(&w, scheme, authority, false, url))
		return false;
	put_rest(&w, text, url);
	return !w.full;
}

bool canonical_link(struct span text, uint8_t *out, struct canonical_url *url)
{
	struct canonical_writer w = { .out = out };
	*url = (struct canonical_url) { 0 };
	struct span scheme = take_scheme(&text), authority;
	if (span_starts(text, "//"))
		text = span_from(text, 2);
	(void)take_bare_authority(&text, true, &authority);
	cut_link(&authority, &text);
	if (!canonical_put_authority(&w, scheme, authority, true, url))
		return false;
	put_rest(&w, text, url);
	return true;
}

// "host:443", as CONNECT has it.
static bool is_authority(struct span target)
{
	uint32_t at = target.len;
	while (at && target.data[at - 1] >= '0' && target.data[at - 1] <= '9')
		at--;
	return at < target.len && at > 1 && target.data[at - 1] == ':' && span_find(target, '/', 0) == target.len;
}

bool canonical_request(struct span host, struct span target, uint8_t *out, struct canonical_url *url)
{
	struct canonical_writer w = { .out = out };
	*url = (struct canonical_url) { 0 };
	struct span rest = target, scheme = take_scheme(&rest), authority;
	bool put_it = false;
	if (scheme.len && take_authority(&rest, &authority))
		put_it = canonical_put_authority(&w, scheme, authority, true, url);
	else if (is_authority(target)) {
		put_it = canonical_put_authority(&w, scheme, target, true, url);
		rest.len = 0;
	}
	if (!put_it && host.len) {
		scheme.len = 0;
		put_it = canonical_put_authority(&w, scheme, span_trim(host), true, url);
	}
	if (!put_it && !rest.len)
		return false;
	if (span_is(rest, "*")) // OPTIONS of the whole host
		rest.len = 0;
	put_rest(&w, rest, url);
	return true;
}
