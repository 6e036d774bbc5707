// SPDX-License-Identifier: GPL-3.0-or-later
// Content-Encoding (RFC 9110 8.4): which layers a body comes in, and their bytes decoded into the body.
#include "decoders/app/http/http_internal.h"
#include "decoders/app/http/decompress.h"

#define TOKEN_MAX 32u // bytes of one coding's name; a longer one is none we know

struct coding {
	const char *name;
	bool exact; // else anything that contains it counts, and is told as abnormal
	bool ignored;
	enum decompress_kind kind;
};

static const struct coding codings[] = {
	{ "identity", true, true, DECOMPRESS_INFLATE },
	{ "inflate", true, true, DECOMPRESS_INFLATE },
	{ "lzma", true, false, DECOMPRESS_LZMA },
	{ "gzip", true, false, DECOMPRESS_INFLATE },
	{ "x-gzip", true, false, DECOMPRESS_INFLATE },
	{ "deflate", true, false, DECOMPRESS_INFLATE },
	{ "x-deflate", true, false, DECOMPRESS_INFLATE },
	{ "gzip", false, false, DECOMPRESS_INFLATE },
	{ "deflate", false, false, DECOMPRESS_INFLATE },
};

static bool contains_nocase(struct span text, const char *word)
{
	uint32_t len = (uint32_t)strlen(word);
	for (uint32_t at = 0; at + len <= text.len; at++)
		if (strncasecmp((const char *)text.data + at, word, len) == 0)
			return true;
	return false;
}

static const struct coding *coding_of(struct span token)
{
	for (size_t i = 0; i < sizeof codings / sizeof *codings; i++)
		if (codings[i].exact ? span_is_nocase(token, codings[i].name) : contains_nocase(token, codings[i].name))
			return &codings[i];
	return NULL;
}

// The next name in header from *at on, without NUL bytes in it: some clients skip them.
static bool next_token(struct span header, uint32_t *at, uint8_t *copy, struct span *out)
{
	uint32_t i = *at, len = 0;
	while (i < header.len && (header.data[i] == ' ' || header.data[i] == ','))
		i++;
	uint32_t start = i;
	for (; i < header.len && header.data[i] != ' ' && header.data[i] != ','; i++)
		if (header.data[i] && len < TOKEN_MAX)
			copy[len++] = header.data[i];
	*at = i;
	*out = (struct span) { copy, len };
	return i > start;
}

static unsigned read_layers(
	struct http_state *state, struct http_tx *tx, struct span header, enum decompress_kind *kinds)
{
	const struct http_worker *worker = state->worker;
	unsigned count = 0, named = 0;
	uint8_t copy[TOKEN_MAX];
	struct span token;
	for (uint32_t at = 0; next_token(header, &at, copy, &token);) {
		if (count == DECOMPRESS_LAYERS_MAX || (worker->layer_limit && ++named > worker->layer_limit)) {
			http_event(state, tx, HTTP_EVENT_TOO_MANY_ENCODING_LAYERS);
			break;
		}
		const struct coding *coding = coding_of(token);
		if (!coding || !coding->exact)
			http_event(state, tx, HTTP_EVENT_ABNORMAL_CE_HEADER);
		if (!coding || coding->ignored || (coding->kind == DECOMPRESS_LZMA && !worker->lzma_enabled))
			continue;
		if (coding->kind == DECOMPRESS_LZMA && count > 0) {
			http_event(state, tx, HTTP_EVENT_COMPRESSION_BOMB);
			break;
		}
		kinds[count++] = coding->kind;
	}
	return count;
}

void http_coding_start(struct http_state *state, struct http_tx *tx, enum direction direction)
{
	struct span header;
	enum decompress_kind kinds[DECOMPRESS_LAYERS_MAX];
	http_coding_free(tx, direction);
	if (!http_header_find(&tx->base, direction, "content-encoding", &header))
		return;
	unsigned count = read_layers(state, tx, header, kinds);
	if (count && !(tx->decoder[direction] = decompress_new(state->worker->pool, kinds, count)))
		state->worker->counters[HTTP_COUNT_NO_MEMORY]++;
}

struct sink {
	struct http_state *state;
	struct http_tx *tx;
	enum direction direction;
};

static bool take(void *context, struct span data)
{
	struct sink *sink = context;
	http_body_data(sink->state, sink->tx, sink->direction, data);
	return !sink->tx->body[sink->direction].limited;
}

static void tell_trouble(struct http_state *state, struct http_tx *tx, unsigned trouble)
{
	if (trouble & DECOMPRESS_BROKEN)
		http_event(state, tx, HTTP_EVENT_GZIP_DECOMPRESSION_FAILED);
	if (trouble & DECOMPRESS_BOMB)
		http_event(state, tx, HTTP_EVENT_COMPRESSION_BOMB);
	if (trouble & DECOMPRESS_LZMA_LIMIT)
		http_event(state, tx, HTTP_EVENT_LZMA_MEMLIMIT_REACHED);
}

void http_coding_data(struct http_state *state, struct http_tx *tx, enum direction direction, struct span data)
{
	struct decompress *decoder = tx->decoder[direction];
	struct sink sink = { state, tx, direction };
	if (!decoder) {
		http_body_data(state, tx, direction, data);
		return;
	}
	decompress_feed(decoder, data, take, &sink);
	tell_trouble(state, tx, decompress_trouble(decoder));
}

void http_coding_end(struct http_state *state, struct http_tx *tx, enum direction direction)
{
	struct decompress *decoder = tx->decoder[direction];
	struct sink sink = { state, tx, direction };
	if (!decoder)
		return;
	decompress_end(decoder, take, &sink);
	tell_trouble(state, tx, decompress_trouble(decoder));
	http_coding_free(tx, direction);
}

void http_coding_free(struct http_tx *tx, enum direction direction)
{
	decompress_free(tx->decoder[direction]);
	tx->decoder[direction] = NULL;
}
