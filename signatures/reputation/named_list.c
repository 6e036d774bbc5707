// SPDX-License-Identifier: GPL-3.0-or-later
#include "signatures/reputation/named_list.h"

// The part of a URL that lies in its whole, in the copy of that.
static struct span moved(struct span part, struct span whole, const uint8_t *copy)
{
	return part.len ? span_of(copy + (part.data - whole.data), part.len) : span_of(NULL, 0);
}

static void copy_url(struct canonical_url *out, const struct canonical_url *url, const uint8_t *copy)
{
	*out = *url;
	out->whole = moved(url->whole, url->whole, copy);
	out->host = moved(url->host, url->whole, copy);
	out->path = moved(url->path, url->whole, copy);
	out->query = moved(url->query, url->whole, copy);
}

struct named *named_list_add(struct named_list *list, const struct named *named)
{
	const struct canonical_url *url = named->url;
	bool is_url = url && url->whole.data == named->value.data;
	if (list->count == NAMED_LIST_MAX || NAMED_LIST_BYTES - list->used < named->value.len ||
		(url && (!is_url || list->url_count == NAMED_LIST_URLS)))
		return NULL;
	struct named *out = &list->items[list->count++];
	uint8_t *copy = list->bytes + list->used;
	*out = *named;
	if (named->value.len)
		memcpy(copy, named->value.data, named->value.len);
	out->value = span_of(copy, named->value.len);
	list->used += named->value.len;
	if (is_url) {
		out->url = &list->urls[list->url_count];
		copy_url(&list->urls[list->url_count++], url, copy);
	}
	return out;
}
