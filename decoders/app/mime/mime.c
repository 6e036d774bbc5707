// SPDX-License-Identifier: GPL-3.0-or-later
#include "decoders/app/mime/mime.h"
#include <openssl/evp.h>
#include <stdio.h>
#include "decoders/app/app_layer.h"
#include "decoders/base/steps.h"

#define VALUE_MAX_PRESET 2000u
#define VALUE_MAX_MOST   (64u << 10)
#define HEADER_NAME_ROOM 256u
#define CROWD_MAX        (MIME_HEADERS_MAX - 32) // however many there are of the usual ones, the others have room

static const char *const kept_names[MIME_HEADER_NAMES] = {
	[MIME_FROM] = "from",
	[MIME_TO] = "to",
	[MIME_CC] = "cc",
	[MIME_SUBJECT] = "subject",
	[MIME_DATE] = "date",
	[MIME_MESSAGE_ID] = "message-id",
	[MIME_X_MAILER] = "x-mailer",
	[MIME_RECEIVED] = "received",
	[MIME_SENDER] = "sender",
	[MIME_REPLY_TO] = "reply-to",
	[MIME_RETURN_PATH] = "return-path",
};

// One scheme of the setting: with what stands between it and the address.
static void add_scheme(struct mime_config *out, struct span name)
{
	name = span_trim(name);
	if (!name.len || name.len > 10 || out->schemes == MIME_SCHEMES_MAX)
		return;
	snprintf(out->scheme[out->schemes++], sizeof(out->scheme[0]), "%.*s%s", (int)name.len, (const char *)name.data,
		span_is_nocase(name, "mailto") ? ":" : "://");
}

// As one value "http, https", or one a line of a list: extract-urls-schemes.0, .1 ...
static void read_schemes(struct mime_config *out, const struct app_config *config, const char *proto)
{
	const char *list = app_setting(config, proto, "mime.extract-urls-schemes");
	for (const char *at = list; at && *at;) {
		at += strspn(at, "[], ");
		size_t len = strcspn(at, "[], ");
		add_scheme(out, span_of(at, len));
		at += len;
	}
	for (unsigned i = 0; i < MIME_SCHEMES_MAX; i++) {
		char key[48];
		snprintf(key, sizeof(key), "mime.extract-urls-schemes.%u", i);
		const char *one = app_setting(config, proto, key);
		if (one)
			add_scheme(out, span_text(one));
	}
	if (!out->schemes)
		add_scheme(out, span_text("http"));
	out->shown = out->schemes;
	for (unsigned i = 0; i < out->shown; i++)
		if (strcmp(out->scheme[i], "https://") == 0)
			return;
	snprintf(out->scheme[out->schemes++], sizeof(out->scheme[0]), "https://");
}

void mime_config_read(struct mime_config *out, const struct app_config *config, const char *proto)
{
	*out = (struct mime_config) {
		.base64 = app_setting_bool(config, proto, "mime.decode-base64", true),
		.quoted_printable = app_setting_bool(config, proto, "mime.decode-quoted-printable", true),
		.links = app_setting_bool(config, proto, "mime.extract-urls", true),
		.keep_scheme = app_setting_bool(config, proto, "mime.log-url-scheme", false),
		.body_md5 = app_setting_bool(config, proto, "mime.body-md5", false),
	};
	uint64_t most = app_setting_size(config, proto, "mime.header-value-depth", VALUE_MAX_PRESET);
	out->value_max = most && most < VALUE_MAX_MOST ? (uint32_t)most : VALUE_MAX_MOST;
	read_schemes(out, config, proto);
}

struct mime *mime_new(struct slab *slab)
{
	struct mime *mime = slab_alloc(slab, sizeof(*mime));
	if (mime)
		mime->top = true;
	return mime;
}

static void pop_boundary(struct mime *mime, struct slab *slab)
{
	struct mime_boundary *gone = mime->boundary;
	mime->boundary = gone->outer;
	mime->depth--;
	slab_free(slab, gone, sizeof(*gone) + gone->len);
}

// What only reading needs.
static void drop_working(struct mime *mime, struct slab *slab)
{
	while (mime->boundary)
		pop_boundary(mime, slab);
	bytes_fini(slab, &mime->header);
	bytes_fini(slab, &mime->text);
	EVP_MD_CTX_free(mime->md5);
	mime->md5 = NULL;
}

void mime_free(struct mime *mime, struct slab *slab)
{
	if (!mime)
		return;
	drop_working(mime, slab);
	while (mime->first) {
		struct mime_header *header = mime->first;
		mime->first = header->next;
		slab_free(slab, header, sizeof(*header) + header->len);
	}
	mime_links_free(mime, slab);
	slab_free(slab, mime, sizeof(*mime));
}

static void keep_header(struct mime *mime, const struct mime_place *place, struct span name, struct span value)
{
	for (unsigned i = 0; i < MIME_HEADER_NAMES; i++) {
		if (!span_is_nocase(name, kept_names[i]))
			continue;
		bool crowd = i == MIME_RECEIVED || i == MIME_TO || i == MIME_CC;
		struct mime_header *header = mime->kept < (crowd ? CROWD_MAX : MIME_HEADERS_MAX)
						     ? slab_alloc(place->slab, sizeof(*header) + value.len)
						     : NULL;
		if (!header) {
			mime->lost++;
			return;
		}
		header->name = (uint8_t)i;
		header->len = value.len;
		if (value.len)
			memcpy(header->bytes, value.data, value.len);
		if (mime->last)
			mime->last->next = header;
		else
			mime->first = header;
		mime->last = header;
		mime->kept++;
	}
}

static void name_part(struct mime *mime, struct span value, const char *parameter, bool disposition)
{
	uint8_t name[MIME_TOKEN_MAX];
	uint32_t len = mime_parameter(value, parameter, true, name, sizeof(name));
	if (!len || (mime->part.name_len && mime->part.named_by_disposition && !disposition))
		return;
	if (len > sizeof(name)) {
		mime->events |= MIME_LONG_FILENAME;
		len = sizeof(name);
	}
	mime->part.name_len = (uint8_t)len;
	mime->part.named_by_disposition = disposition;
	memcpy(mime->part.name, name, len);
}

static void take_type(struct mime *mime, struct span value)
{
	struct mime_part *part = &mime->part;
	struct span type = span_trim(span_slice(value, 0, span_find(value, ';', 0)));
	part->type = MIME_OTHER;
	if (span_is_nocase(type, "text/plain") || span_is_nocase(type, "text/html"))
		part->type = MIME_TEXT;
	else if (span_is_nocase(type, "message/rfc822"))
		part->type = MIME_MESSAGE;
	else if (span_starts_nocase(type, "multipart/"))
		part->type = MIME_MULTIPART;
	uint32_t len = mime_parameter(value, "boundary", false, part->boundary, sizeof(part->boundary));
	if (len > sizeof(part->boundary)) {
		mime->events |= MIME_LONG_BOUNDARY;
		len = sizeof(part->boundary);
	}
	part->boundary_len = (uint8_t)len;
	name_part(mime, value, "name", false);
}

static void take_encoding(struct mime *mime, const struct mime_config *config, struct span value)
{
	mime->part.encoding = MIME_PLAIN;
	if (span_is_nocase(value, "base64") && config->base64)
		mime->part.encoding = MIME_BASE64;
	else if (span_is_nocase(value, "quoted-printable") && config->quoted_printable)
		mime->part.encoding = MIME_QP;
}

static void finish_header(struct mime *mime, const struct mime_place *place)
{
	if (!mime->in_header)
		return;
	mime->in_header = false;
	struct span line = bytes_span(&mime->header);
	uint32_t colon = span_find(line, ':', 0);
	if (colon == line.len || colon == 0) {
		mime->events |= MIME_MALFORMED_MSG;
		return;
	}
	struct span name = span_trim(span_slice(line, 0, colon)), value = span_trim(span_from(line, colon + 1));
	if (name.len > MIME_NAME_MAX)
		mime->events |= MIME_LONG_HEADER_NAME;
	if (value.len > place->config->value_max) {
		mime->events |= MIME_LONG_HEADER_VALUE;
		value.len = place->config->value_max;
	}
	if (mime->top)
		keep_header(mime, place, name, value);
	if (span_is_nocase(name, "content-type"))
		take_type(mime, value);
	else if (span_is_nocase(name, "content-disposition"))
		name_part(mime, value, "filename", true);
	else if (span_is_nocase(name, "content-transfer-encoding"))
		take_encoding(mime, place->config, value);
}

static void begin_part(struct mime *mime)
{
	mime->part = (struct mime_part) { 0 };
	mime->state = MIME_IN_HEADERS;
	mime->header.len = 0;
	mime->in_header = false;
	mime->base64_bits = 0;
	mime->base64_word = 0;
	mime->qp_held_len = mime->held_end = 0;
}

static bool push_boundary(struct mime *mime, const struct mime_place *place)
{
	struct mime_part *part = &mime->part;
	struct mime_boundary *made = mime->depth < MIME_DEPTH_MAX && part->boundary_len
					     ? slab_alloc(place->slab, sizeof(*made) + part->boundary_len)
					     : NULL;
	if (!made)
		return false;
	made->len = part->boundary_len;
	memcpy(made->bytes, part->boundary, made->len);
	made->outer = mime->boundary;
	mime->boundary = made;
	mime->depth++;
	return true;
}

static void open_file(struct mime *mime, const struct mime_place *place)
{
	if (!mime->part.name_len)
		return;
	mime->file = mime->files_made < MIME_FILES_MAX ? file_open(place->files, place->slab, place->list,
								 span_of(mime->part.name, mime->part.name_len),
								 place->direction, (*place->track)++)
						       : NULL;
	if (mime->file)
		mime->files_made++;
	else
		mime->lost++;
}

static void close_file(struct mime *mime, const struct mime_place *place, bool whole)
{
	if (mime->qp_held_len) {
		mime_emit(mime, place, span_of(mime->qp_held, mime->qp_held_len));
		mime->qp_held_len = 0;
	}
	mime_links_end(mime, place);
	if (mime->file)
		file_close(place->files, place->slab, mime->file,
			whole && !mime->file->has_gaps ? FILE_CLOSED : FILE_TRUNCATED);
	mime->file = NULL;
}

// The empty line behind the headers.
static void begin_body(struct mime *mime, const struct mime_place *place)
{
	finish_header(mime, place);
	bool was_top = mime->top;
	mime->top = false;
	mime->state = MIME_IN_BODY;
	if (mime->part.type == MIME_MULTIPART) {
		if (push_boundary(mime, place)) {
			mime->state = MIME_BETWEEN;
			return;
		}
		mime->events |= MIME_MALFORMED_MSG;
		mime->part.type = MIME_OTHER;
	}
	if (mime->part.type == MIME_MESSAGE && mime->part.encoding == MIME_PLAIN && !was_top) {
		begin_part(mime); // its headers come next
		return;
	}
	open_file(mime, place);
}

static void take_header_line(
	struct mime *mime, const struct mime_place *place, struct span data, bool begins, uint8_t end_bytes)
{
	uint32_t most = place->config->value_max + HEADER_NAME_ROOM;
	if (begins && !data.len && end_bytes) {
		begin_body(mime, place);
		return;
	}
	if (begins && data.len && (data.data[0] == ' ' || data.data[0] == '\t')) {
		if (!mime->in_header)
			mime->events |= MIME_MALFORMED_MSG;
		data = span_trim(data);
	} else if (begins) {
		finish_header(mime, place);
		mime->header.len = 0;
		mime->in_header = true;
	}
	if (mime->in_header && bytes_append(place->slab, &mime->header, data, most) < data.len)
		mime->events |= MIME_LONG_HEADER_VALUE;
}

void mime_emit(struct mime *mime, const struct mime_place *place, struct span decoded)
{
	if (mime->file)
		file_append(place->files, place->slab, mime->file, decoded);
	if (place->config->links && mime->part.type == MIME_TEXT)
		mime_links_take(mime, place, decoded);
}

static void take_body(struct mime *mime, const struct mime_place *place, struct span data, uint8_t end_bytes)
{
	bool encoded = mime->part.encoding != MIME_PLAIN;
	if (encoded && mime->line_len > MIME_ENC_LINE_MAX)
		mime->events |= MIME_LONG_ENC_LINE;
	switch ((enum mime_encoding)mime->part.encoding) {
	case MIME_BASE64: mime_decode_base64(mime, place, data); return;
	case MIME_QP: mime_decode_qp(mime, place, data, end_bytes > 0); return;
	case MIME_PLAIN: break;
	}
	if (mime->held_end)
		mime_emit(mime, place, span_slice(span_text("\r\n"), 2u - mime->held_end, mime->held_end));
	mime->held_end = end_bytes;
	if (data.len)
		mime_emit(mime, place, data);
}

// A boundary of this or an outer multipart: the part ends, and another begins or the multipart is over.
static bool take_boundary(struct mime *mime, const struct mime_place *place, struct span data)
{
	if (!mime->depth || !span_starts(data, "--"))
		return false;
	unsigned up = 0;
	struct span line = span_from(data, 2);
	const struct mime_boundary *found = mime->boundary;
	for (; found; found = found->outer, up++) {
		work_step(1 + found->len / 16);
		if (line.len >= found->len && memcmp(line.data, found->bytes, found->len) == 0)
			break;
	}
	if (!found)
		return false;
	struct span rest = span_from(line, found->len);
	bool last = span_starts(rest, "--");
	// An outer boundary may be the start of an inner one: what follows must be nothing but blanks
	if (!last && span_trim(rest).len)
		return false;
	if (mime->state == MIME_IN_HEADERS)
		finish_header(mime, place);
	close_file(mime, place, true);
	for (; up; up--)
		pop_boundary(mime, place->slab);
	if (last)
		pop_boundary(mime, place->slab);
	begin_part(mime);
	if (last)
		mime->state = MIME_BETWEEN;
	return true;
}

// The digest of the body as it was sent.
static void digest_body(struct mime *mime, const struct mime_place *place, struct span data, uint8_t end_bytes)
{
	if (!place->config->body_md5 || mime->top)
		return;
	if (!mime->md5 && !mime->has_md5) {
		mime->md5 = EVP_MD_CTX_new();
		if (!mime->md5 || EVP_DigestInit_ex(mime->md5, EVP_md5(), NULL) != 1)
			return;
	}
	if (!mime->md5)
		return;
	if (data.len)
		EVP_DigestUpdate(mime->md5, data.data, data.len);
	if (end_bytes)
		EVP_DigestUpdate(mime->md5, &"\r\n"[2 - end_bytes], end_bytes);
}

bool mime_take(struct mime *mime, const struct mime_place *place, struct span data, bool begins, uint8_t end_bytes)
{
	if (mime->state >= MIME_DONE)
		return false;
	uint32_t before = mime->kept + mime->links_kept + mime->files_made;
	struct file *file = mime->file;
	uint64_t size = file ? file->size : 0;
	work_step(1);
	if (mime->state == MIME_START)
		mime->state = MIME_IN_HEADERS;
	mime->line_len = begins ? data.len : mime->line_len + data.len;
	if (mime->line_len > MIME_LINE_MAX)
		mime->events |= MIME_LONG_LINE;
	digest_body(mime, place, data, end_bytes);
	if (begins)
		mime->skip_line = take_boundary(mime, place, data);
	if (!mime->skip_line && mime->state == MIME_IN_HEADERS)
		take_header_line(mime, place, data, begins, end_bytes);
	else if (!mime->skip_line && mime->state == MIME_IN_BODY)
		take_body(mime, place, data, end_bytes);
	return before != mime->kept + mime->links_kept + mime->files_made || file != mime->file ||
	       (file && file->size != size);
}

uint32_t mime_take_bytes(
	struct mime *mime, const struct mime_place *place, struct span data, bool last, bool *mid_line, bool *changed)
{
	uint32_t at = 0;
	while (at < data.len) {
		uint32_t end = span_find(data, '\n', at);
		bool whole = end < data.len;
		work_step(1 + (end - at) / 16);
		if (!whole && !last && data.len - at < MIME_PIECE_MAX)
			break;
		uint8_t end_bytes = !whole ? 0 : end > at && data.data[end - 1] == '\r' ? 2 : 1;
		uint32_t next = whole ? end + 1 : end;
		if (mime_take(mime, place, span_slice(data, at, next - at - end_bytes), !*mid_line, end_bytes))
			*changed = true;
		*mid_line = !whole;
		at = next;
	}
	return at;
}

void mime_end(struct mime *mime, const struct mime_place *place, bool whole)
{
	if (mime->state >= MIME_DONE)
		return;
	if (mime->state == MIME_IN_HEADERS)
		finish_header(mime, place);
	close_file(mime, place, whole);
	if (mime->md5)
		mime->has_md5 = EVP_DigestFinal_ex(mime->md5, mime->body_md5, NULL) == 1;
	drop_working(mime, place->slab);
	mime->state = whole ? MIME_DONE : MIME_CUT;
}

void mime_gap(struct mime *mime, uint32_t bytes)
{
	if (mime->file)
		file_gap(mime->file, bytes);
	mime->qp_held_len = 0;
	mime->base64_bits = 0;
	mime->text.len = 0;
}

bool mime_header_at(const struct mime *mime, enum mime_header_name name, unsigned index, struct span *value)
{
	for (const struct mime_header *header = mime->first; header; header = header->next) {
		if (header->name != name || index--)
			continue;
		*value = span_of(header->bytes, header->len);
		return true;
	}
	return false;
}
